// Settings of a Bedrock backend.
import { type Infer, s } from '../../../schema/builder.ts';
import type { ConverseOptions } from '../../codecs/bedrock-converse/converse-options.ts';
import { familyOf, MODEL_FAMILIES } from '../../codecs/bedrock-converse/model-family.ts';

const REGION = { pattern: /^[a-z]{2,}(-[a-z]+)+-\d+$/, expected: 'a region such as us-east-1' };
const ACCESS_KEY_ID = { pattern: /^[A-Z0-9]{16,128}$/, expected: 'an access key id such as AKIDEXAMPLE00000000' };
const CONVERSE_ONLY = ['guardrail', 'latency', 'service_tier'] as const;
const GUARDRAIL_ID = { pattern: /^[a-z0-9]+$|^arn:[\w:/-]+$/, expected: 'an id of letters and digits, or an ARN' };
const GUARDRAIL_VERSION = { pattern: /^(DRAFT|[1-9]\d{0,7})$/, expected: 'a number or DRAFT' };

const GUARDRAIL = s.object(
  {
    id: s.string('Id or ARN of the guardrail.', GUARDRAIL_ID),
    version: s.string('Its version: a number or DRAFT.', GUARDRAIL_VERSION),
    trace: s.optional(s.choice(['disabled', 'enabled', 'enabled_full'], 'Whether Bedrock traces what it judged.')),
    stream_mode: s.optional(s.choice(['sync', 'async'], 'Streams: `async` sends text on before it is judged.')),
  },
  'Guardrail that judges every conversation.',
);

const FIELDS = s.object({
  region: s.optional(s.string('Region of AWS; by default AWS_REGION, then AWS_DEFAULT_REGION.', REGION)),
  access_key_id: s.optional(
    s.string('With it `api_key` is a secret access key, without it a Bedrock API key.', ACCESS_KEY_ID),
  ),
  session_token: s.optional(
    s.where(s.secret('Of temporary credentials.'), (token) => /^[\x21-\x7e]+$/.test(token), 'a token without spaces'),
  ),
  api: s.withDefault(
    s.choice(['converse', 'invoke'], '`invoke` asks Anthropic’s models in their own words instead of Converse.'),
    'converse',
  ),
  model_family: s.optional(
    s.choice(MODEL_FAMILIES, 'Maker of the models, where their ids do not tell (application inference profiles).'),
  ),
  guardrail: s.optional(GUARDRAIL),
  latency: s.optional(s.choice(['standard', 'optimized'], 'Latency asked for.')),
  service_tier: s.optional(
    s.choice(['default', 'flex', 'priority', 'reserved'], 'Tier of requests that ask for none of their own.'),
  ),
});

export const BEDROCK_OPTIONS = s.where(
  FIELDS,
  (options) => options.api === 'converse' || CONVERSE_ONLY.every((name) => options[name] === undefined),
  'no guardrail, latency or service_tier beside `api: invoke`: they are settings of Converse',
);

export type BedrockConfig = Infer<typeof BEDROCK_OPTIONS>;

/** Whether conversations with `model` are asked for by InvokeModel. Other makers' words are known to Converse alone. */
export function isInvoked({ api, model_family }: BedrockConfig, model: string): boolean {
  return api === 'invoke' && (model_family ?? familyOf(model)) === 'anthropic';
}

/** What every Converse request for `model` is made with. */
export function converseOptions(config: BedrockConfig, model: string): ConverseOptions {
  const { guardrail, latency, service_tier, model_family } = config;
  return {
    family: model_family ?? familyOf(model),
    ...(guardrail !== undefined && {
      guardrail: {
        id: guardrail.id,
        version: guardrail.version,
        ...(guardrail.trace !== undefined && { trace: guardrail.trace }),
        ...(guardrail.stream_mode !== undefined && { streamMode: guardrail.stream_mode }),
      },
    }),
    ...(latency !== undefined && { latency }),
    ...(service_tier !== undefined && { serviceTier: service_tier }),
  };
}
