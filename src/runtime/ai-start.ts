// The first half of an AI request: which operation, which body, which model, which plan. What follows is forward.ts.
import { startsIgnoringCase } from '../base/ascii-case.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { RequestAddress } from '../llm/codec.ts';
import type { ClientFormat } from '../llm/format.ts';
import type { Operation } from '../llm/operation.ts';
import type { ClientSide } from '../llm/translation.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { createReply, type Reply } from '../pipeline/reply.ts';
import { headerId } from '../wire/known-headers.ts';
import { AiExchange } from './ai-exchange.ts';
import { limitDetail } from './body-limit.ts';
import { detectFormat } from './client-format.ts';
import type { CompiledRoute } from './compiled-route.ts';
import type { TargetPlan } from './plan.ts';
import { bodyFacts, scanBody } from './read-model.ts';
import type { RouterRefusal } from './routing/model-router.ts';

/** Names a client may use as `model`, for the listing the gateway answers itself. Empty = the provider's own listing is passed on. */
export interface AiDirectory {
  readonly models: readonly string[];
}

const ID_CONTENT_TYPE = headerId('content-type');

export type AiStart =
  | { readonly plan: TargetPlan; readonly ai: AiExchange }
  /** The gateway answers itself: the body of a listing or of one entry of it. */
  | { readonly models: string }
  | { readonly code: ErrorCode; readonly detail: string };

/** Operations whose request is a JSON object with a `model`. The others are passed on as they come. */
const JSON_OPERATIONS: ReadonlySet<Operation> = new Set([
  'chat',
  'completions',
  'embeddings',
  'responses',
  'images',
  'speech',
  'rerank',
  'count-tokens',
]);

/** Image edits come as forms, and what is asked of a stored response (`/responses/{id}/cancel`) has no body. */
function hasJsonRequest(exchange: Exchange, operation: Operation): boolean {
  if (!JSON_OPERATIONS.has(operation) || exchange.method !== 'POST') return false;
  if (operation === 'chat') return true;
  if (operation === 'responses' && !exchange.path.endsWith('/responses')) return false;
  return !startsIgnoringCase(exchange.headers.getKnown(ID_CONTENT_TYPE) ?? '', 'multipart/');
}

/** Calls `done` once, at once when the body is here. */
export function startAi(
  exchange: Exchange,
  route: CompiledRoute,
  directory: AiDirectory,
  done: (start: AiStart) => void,
): void {
  const detected = detectFormat(exchange);
  if (detected === undefined) {
    done({ code: 'operation.not-supported', detail: `no AI operation at ${exchange.method} ${exchange.path}` });
    return;
  }
  const { format, operation } = detected;
  exchange.clientFormat = format;
  const address = format.address?.(exchange.path, exchange.query) ?? NO_ADDRESS;
  const side = { format, operation, address };
  if (operation === 'models') {
    const own = ownListing(exchange, format, listedModels(exchange, route, directory));
    if (own !== undefined) {
      done(own);
      return;
    }
  }
  if (!hasJsonRequest(exchange, operation)) {
    done(begin(exchange, route, side, 'passed'));
    return;
  }
  exchange.body.collect(exchange.client.maxBufferedBodyBytes, (outcome) => {
    if (outcome !== 'complete') done({ code: outcome, detail: limitDetail(exchange, outcome) });
    else if (!scanBody(exchange)) done({ code: 'request.bad-json', detail: 'the body must be one JSON object' });
    else done(begin(exchange, route, side, 'scanned'));
  });
}

const NO_ADDRESS: RequestAddress = { model: undefined, stream: undefined };

/** Undefined = the provider answers. */
function listedModels(
  exchange: Exchange,
  { modelRouter }: CompiledRoute,
  { models }: AiDirectory,
): readonly string[] | RouterRefusal | undefined {
  if (modelRouter !== undefined) return modelRouter.listing(exchange, models);
  return models.length > 0 ? models : undefined;
}

const MODELS = '/models';

/** Undefined = the provider answers: there is no list of ours, or it lacks the model that is asked about. */
function ownListing(
  { path }: Exchange,
  format: ClientFormat,
  names: readonly string[] | RouterRefusal | undefined,
): AiStart | undefined {
  if (names === undefined || 'code' in names) return names;
  const rest = path.slice(path.lastIndexOf(MODELS) + MODELS.length);
  if (rest === '' || rest === '/') return { models: format.encodeModels(names) };
  const name = names.find((each) => rest === `/${each}` || rest === `/${encodeURIComponent(each)}`);
  return name === undefined ? undefined : { models: format.encodeModel(name) };
}

function begin(exchange: Exchange, route: CompiledRoute, side: ClientSide, body: 'scanned' | 'passed'): AiStart {
  const isScanned = body === 'scanned';
  const model = side.address.model ?? (isScanned ? bodyFacts.model : undefined);
  const choice = route.modelRouter?.choose(exchange, model, isScanned ? side : undefined);
  if (choice !== undefined && 'code' in choice) return choice;
  if (exchange.wishedBody !== undefined) scanBody(exchange);
  const plan = choice?.plan ?? (model === undefined ? undefined : route.aliases?.get(model)) ?? route.plan;
  if (plan === undefined) return { code: 'route.no-answer', detail: '' };
  const isStream = side.address.stream ?? (isScanned && bodyFacts.stream);
  return { plan, ai: new AiExchange(exchange, side, { model, isStream, hasJsonBody: isScanned }) };
}

export function answerModels(body: string): Reply {
  return createReply(200, [['content-type', 'application/json']], body);
}
