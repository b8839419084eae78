// What Google's two APIs have in common, so that their providers are addresses and credentials: models as paths, and which method an
// operation is asked for with.
import type { TargetCodec, TranslationTarget } from './provider.ts';

/** A model's name as one segment of a path. Tuned models bring their collection. */
export function modelPath(model: string): string {
  const [collection, name] = model.startsWith('tunedModels/')
    ? ['tunedModels', model.slice('tunedModels/'.length)]
    : ['models', model.replace(/^models\//, '')];
  return `/${collection}/${encodeURIComponent(name.toWellFormed())}`;
}

export function generateMethod(isStream: boolean): string {
  return isStream ? 'streamGenerateContent' : 'generateContent';
}

/** `asksEvents`: the stream is to be server-sent events, which Google's own methods are told in the query. */
export function targetAt(path: string, codec: TargetCodec, asksEvents = false): TranslationTarget {
  return { path, query: asksEvents ? 'alt=sse' : '', codec, framing: 'sse' };
}

/** A header value that would end its line is a bug of the caller: configuration is checked when read. */
export function isFieldValue(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}
