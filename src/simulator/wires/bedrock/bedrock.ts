// Bedrock's wire: a model and a verb in the path, binary event streams, requests signed or with a bearer key.
import type { OperationInput } from '../../answer.ts';
import { PromptCache } from '../../prompt-cache.ts';
import { decodeSegment, type FoundOperation, type Wire } from '../../wire.ts';
import { bedrockDenial, bedrockError, bedrockInBandError, bedrockRefusal } from './bedrock-error.ts';
import { answerConverse, answerTokenCount } from './converse.ts';
import { answerInvoke } from './invoke.ts';
import { denialOf } from './signature.ts';

const PATH = /^\/model\/([^/]+)\/(converse|converse-stream|invoke|invoke-with-response-stream|count-tokens)$/;

export function createBedrockWire(): Wire {
  const cache = new PromptCache();
  return {
    name: 'bedrock',
    find({ method, path }) {
      const match = PATH.exec(path);
      if (match === null) return undefined;
      if (method === 'POST') return findVerb(cache, decodeSegment(match[1]), match[2]);
      return { kind: 'bare', answer: () => bedrockError(405, `${method} is not allowed here.`) };
    },
    denies(head, requireKey, body) {
      const denial = denialOf(head, requireKey, body);
      return denial === undefined ? undefined : bedrockDenial(denial);
    },
    error: bedrockError,
    refuse: bedrockRefusal,
    inBandError: bedrockInBandError,
    fields: (requestNumber) => ({
      'x-amzn-requestid': `00000000-0000-4000-8000-${String(requestNumber).padStart(12, '0')}`,
    }),
  };
}

function findVerb(cache: PromptCache, model: string, verb: string): FoundOperation {
  if (verb === 'count-tokens') return { kind: 'json', model, answer: answerTokenCount };
  const stream = verb.endsWith('-stream');
  const parts = { cache, isStream: stream };
  const operation = verb.startsWith('converse') ? answerConverse : answerInvoke;
  return { kind: 'json', model, stream, answer: (input: OperationInput) => operation(input, parts) };
}
