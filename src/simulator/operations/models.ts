// GET /v1/models and /v1/models/{id}: two plain names and one for every fault; any other name is served as well.
import { type Answer, jsonAnswer } from '../answer.ts';
import { FAULT_NAMES, FAULTS } from '../faults.ts';
import { openaiError } from '../openai-error.ts';
import { faultTextOf, parseFaults } from '../parse-faults.ts';

/** Names for people who want no fault. */
export const PLAIN_MODELS: readonly string[] = ['simulator', 'simulator-embedding'];
/** 2026-01-01: a constant, so that listings can be compared. */
const CREATED_SECONDS = 1_767_225_600;

function toModel(id: string): object {
  return { id, object: 'model', created: CREATED_SECONDS, owned_by: 'simulator' };
}

/** What a listing shows, on every wire. */
export function servedModels(): readonly string[] {
  return [...PLAIN_MODELS, ...FAULT_NAMES.map((name) => `sim-${FAULTS[name].example}`)];
}

export function listModels(): Answer {
  return jsonAnswer(200, { object: 'list', data: servedModels().map(toModel) });
}

export function getModel(id: string): Answer {
  const wish = faultTextOf(id);
  const parsed = wish === undefined ? undefined : parseFaults(wish);
  return parsed?.ok === false ? unknownModel(parsed.message) : jsonAnswer(200, toModel(id));
}

/** A model name with a fault that does not exist is refused as a provider refuses an unknown model. */
function unknownModel(message: string): Answer {
  return openaiError(404, message, { param: 'model', code: 'model_not_found' });
}
