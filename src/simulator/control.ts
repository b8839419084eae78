// /__simulator/*: how tests look at what was received and set the faults of requests to come.
import { type Answer, jsonAnswer } from './answer.ts';
import { faultsHelp } from './fault-listing.ts';
import { type FaultRules, readFaultRules } from './fault-rules.ts';
import { isObject } from './json.ts';
import { openaiError } from './openai-error.ts';
import type { ReceivedLog } from './received-log.ts';

const PREFIX = '/__simulator/';

export interface ControlParts {
  readonly log: ReceivedLog;
  readonly rules: FaultRules;
}

export function isControlPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

export function answerControl({ log, rules }: ControlParts, { method, path, body }: ControlRequest): Answer {
  switch (`${method} ${path.slice(PREFIX.length)}`) {
    case 'GET received':
      return jsonAnswer(200, { requests: log.list() });
    case 'DELETE received':
      log.clear();
      return jsonAnswer(200, { requests: [] });
    case 'GET faults':
      return jsonAnswer(200, { faults: rules.written, known: faultsHelp().trimEnd().split('\n') });
    case 'DELETE faults':
      rules.replace([]);
      return jsonAnswer(200, { faults: [] });
    case 'POST faults':
      return setFaults(rules, body);
    default:
      return openaiError(404, `The simulator has no ${method} ${path}.`);
  }
}

function setFaults(rules: FaultRules, body: Buffer): Answer {
  const value = parseJson(body);
  const read = readFaultRules(isObject(value) && 'faults' in value ? value.faults : value);
  if (typeof read === 'string') return openaiError(400, read, { param: 'faults' });
  rules.replace(read);
  return jsonAnswer(200, { faults: read });
}

/** The value, or undefined when the bytes are no JSON text (which `undefined` can never be). */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    // Not JSON is an expected input here; the caller answers 400.
    return undefined;
  }
}
