// Error answers of OpenAI and of everything that speaks its API: flat ones, lists of problems, pages of proxies and plain text.
import type { ErrorDecoder } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import type { ProviderError } from '../../response.ts';

const MAX_TEXT = 2000;
const MAX_PROBLEMS = 5;

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** Problems as FastAPI lists them (vLLM, Mistral): `[{"loc": ["body", "model"], "msg": "Field required"}]`. */
function problemsOf(value: JsonValue | undefined): string | undefined {
  const list = isJsonObject(value) ? value.detail : value;
  if (!Array.isArray(list)) return undefined;
  const texts = list.slice(0, MAX_PROBLEMS).map((problem) => {
    if (!isJsonObject(problem)) return textOf(problem);
    const place = Array.isArray(problem.loc) ? problem.loc.filter((step) => step !== 'body').join('.') : '';
    const text = textOf(problem.msg) ?? textOf(problem.message);
    return text === undefined || place === '' ? text : `${place}: ${text}`;
  });
  const told = texts.filter((text) => text !== undefined);
  return told.length === 0 ? undefined : told.join('; ').slice(0, MAX_TEXT);
}

function messageOf(error: JsonObject): string | undefined {
  const { message, detail, msg } = error;
  return textOf(message) ?? problemsOf(message) ?? textOf(detail) ?? problemsOf(detail) ?? textOf(msg);
}

/** What the provider behind OpenRouter said, which its own message does not tell. */
function behindOf({ metadata }: JsonObject): string {
  if (!isJsonObject(metadata)) return '';
  const raw = textOf(metadata.raw);
  return raw === undefined ? '' : ` (${raw.slice(0, MAX_TEXT)})`;
}

/** `code` of the whole document: xAI writes `{"code": …, "error": text}`. Azure's filter says why in an inner error. */
function codeOf(error: JsonObject, document: JsonObject | undefined): string | undefined {
  const inner = isJsonObject(error.innererror) ? error.innererror : {};
  return textOf(error.code) ?? textOf(inner.code) ?? textOf(document?.code);
}

function fromObject(status: number, error: JsonObject, document: JsonObject | undefined): ProviderError {
  const message = messageOf(error);
  return {
    status,
    type: textOf(error.type) ?? typeOf(status),
    code: codeOf(error, document),
    message: message === undefined ? `The provider answered ${status}` : message + behindOf(error),
    param: error.param,
  };
}

export const openaiErrors: ErrorDecoder = {
  decodeError(status, body) {
    const whole = parseJson(body);
    // Google's server of this wire answers with a list of one.
    const document = Array.isArray(whole) ? whole[0] : whole;
    const outer = isJsonObject(document) ? document : undefined;
    const error = outer === undefined ? document : (outer.error ?? outer);
    if (isJsonObject(error)) return fromObject(status, error, outer);
    if (typeof error === 'string' && error !== '')
      return {
        status,
        type: typeOf(status),
        code: textOf(outer?.code),
        message: error.slice(0, MAX_TEXT),
        param: undefined,
      };
    const text = body.trim().slice(0, MAX_TEXT);
    const message = text === '' ? `The provider answered ${status}` : text;
    return { status, type: typeOf(status), code: undefined, message, param: undefined };
  },
};
