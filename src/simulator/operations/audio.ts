// POST /v1/audio/speech: a WAV file of silence as long as the text; /v1/audio/transcriptions: what the uploaded file is.
import { type Answer, jsonAnswer, type OperationInput } from '../answer.ts';
import { isObject } from '../json.ts';
import { openaiError } from '../openai-error.ts';
import { countTokens } from '../tokens.ts';

const SAMPLES_PER_SECOND = 8000;
const SAMPLES_PER_CHARACTER = 400;
const MAX_CHARACTERS = 4096;
const HEAD_BYTES = 44;

export function answerSpeech({ body }: OperationInput): Answer {
  const { input, voice } = body;
  if (typeof input !== 'string' || input === '' || input.length > MAX_CHARACTERS) {
    return openaiError(400, `'input' must be a text of 1 to ${MAX_CHARACTERS} characters.`, { param: 'input' });
  }
  if (typeof voice !== 'string' && !isObject(voice)) {
    return openaiError(400, "Missing required parameter: 'voice'.", { param: 'voice' });
  }
  const wav = silence(input.length * SAMPLES_PER_CHARACTER);
  return { kind: 'whole', status: 200, contentType: 'audio/wav', body: wav };
}

/** Mono, 8 bits: silence is 128. */
function silence(samples: number): Buffer {
  const wav = Buffer.alloc(HEAD_BYTES + samples, 128);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(HEAD_BYTES - 8 + samples, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  wav.writeUInt32LE(SAMPLES_PER_SECOND, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(samples, 40);
  return wav;
}

export function answerTranscription({ body }: OperationInput): Answer {
  const { file } = body;
  if (!isObject(file)) return openaiError(400, "Missing required parameter: 'file'.", { param: 'file' });
  const text = `You sent ${file.filename} of ${file.bytes} bytes.`;
  if (body.response_format === 'text') {
    return { kind: 'whole', status: 200, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
  }
  const output = countTokens(text);
  const usage = { type: 'tokens', input_tokens: 1, output_tokens: output, total_tokens: output + 1 };
  return jsonAnswer(200, { text, usage });
}
