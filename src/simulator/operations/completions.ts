// POST /v1/completions, the older text interface: one or several prompts, whole or streamed.
import { type Answer, jsonAnswer, type OperationInput, type StreamEvent } from '../answer.ts';
import { type ComposedText, composeText, readMaxTokens, readStop, replyTo, toDeltas } from '../compose-text.ts';
import { isObject } from '../json.ts';
import { openaiError } from '../openai-error.ts';
import { chatUsage } from '../tokens.ts';
import { chatErrorEvent, DONE } from './chat-events.ts';
import { type InputText, readInputs } from './inputs.ts';

export function answerCompletion(input: OperationInput): Answer {
  const { body, model, faults } = input;
  const prompts = readInputs(body.prompt);
  if (prompts === undefined) {
    const parts = { param: 'prompt', code: 'missing_required_parameter' };
    return openaiError(400, "Missing required parameter: 'prompt'.", parts);
  }
  const choices = prompts.flatMap((prompt) => composeChoices(input, prompt));
  const stem = {
    id: input.newId('cmpl-'),
    object: 'text_completion',
    created: input.createdSeconds,
    model,
    system_fingerprint: 'fp_simulator',
  };
  const counted = chatUsage({
    input: prompts.reduce((sum, { tokens }) => sum + tokens, 0),
    output: choices.reduce((sum, { tokens }) => sum + tokens, 0),
  });
  const usage = faults['no-usage'] === undefined ? counted : undefined;
  if (body.stream === true) {
    const isAsked = isObject(body.stream_options) && body.stream_options.include_usage === true;
    const events = eventsOf(stem, choices, isAsked ? usage : undefined);
    return { kind: 'stream', events, errorEvent: () => chatErrorEvent() };
  }
  return jsonAnswer(200, { ...stem, choices: choices.map(toChoice), usage });
}

function composeChoices({ body, faults }: OperationInput, prompt: InputText): readonly ComposedText[] {
  const count = Number.isInteger(body.n) ? Math.min(Math.max(Number(body.n), 1), 128) : 1;
  const composed = composeText(replyTo(prompt.text), {
    maxTokens: readMaxTokens(body.max_tokens),
    stop: readStop(body.stop),
    bytes: faults.bytes,
  });
  const shown = body.echo === true ? { ...composed, text: prompt.text + composed.text } : composed;
  return Array.from({ length: count }, () => shown);
}

function toChoice({ text, finish }: ComposedText, index: number): object {
  return { text, index, logprobs: null, finish_reason: finish };
}

function* eventsOf(stem: object, choices: readonly ComposedText[], usage: object | undefined): Generator<StreamEvent> {
  const tail = usage === undefined ? {} : { usage: null };
  const chunk = (choice: object): string => JSON.stringify({ ...stem, choices: [choice], ...tail });
  for (const [index, choice] of choices.entries()) {
    for (const text of toDeltas(choice.text)) {
      yield { kind: 'delta', data: chunk({ text, index, logprobs: null, finish_reason: null }) };
    }
    yield { kind: 'finish', data: chunk({ text: '', index, logprobs: null, finish_reason: choice.finish }) };
  }
  if (usage !== undefined) yield { kind: 'finish', data: JSON.stringify({ ...stem, choices: [], usage }) };
  yield DONE;
}
