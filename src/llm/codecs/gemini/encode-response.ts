// The canonical answer → a `GenerateContentResponse`, for clients of Google's API.
import type { ReplyFrame } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatResponse, Choice, Finish } from '../../response.ts';
import { encodeParts } from './encode-parts.ts';
import { finishToGemini } from './finish-reasons.ts';
import { logprobsToGemini } from './logprobs.ts';
import { writeUsageMetadata } from './usage-metadata.ts';

/** Thoughts are shown unless the client said not to (`includeThoughts: false`). */
export function showsThoughts({ request }: ReplyFrame): boolean {
  return request.parameters.reasoning?.summary !== 'none';
}

/** Members of a candidate that say how it ended. */
export function encodeFinish(finish: Finish, malformed: readonly string[]): JsonObject {
  if (malformed.length > 0) return { finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: malformed.join('\n') };
  return { finishReason: finishToGemini(finish.reason) };
}

function encodeChoice(choice: Choice, frame: ReplyFrame): JsonObject {
  const { parts, malformed } = encodeParts(choice.content, showsThoughts(frame));
  return {
    content: { role: 'model', parts },
    ...encodeFinish(choice.finish, malformed),
    index: choice.index,
    ...(choice.logprobs === undefined ? {} : { logprobsResult: logprobsToGemini(choice.logprobs) }),
  };
}

const MAX_SECONDS = 253_402_300_799;

/** Providers write times beyond any calendar, at which a date would throw. */
function timeText(seconds: number): string {
  return new Date(Math.min(Math.max(seconds, 0), MAX_SECONDS) * 1000).toISOString();
}

export function encodeGeminiResponse(response: ChatResponse, frame: ReplyFrame): JsonObject {
  return {
    candidates: response.choices.map((choice) => encodeChoice(choice, frame)),
    ...(response.usage === undefined ? {} : { usageMetadata: writeUsageMetadata(response.usage) }),
    modelVersion: response.model ?? frame.model,
    responseId: response.id ?? frame.id,
    createTime: timeText(response.createdSeconds ?? frame.createdSeconds),
  };
}
