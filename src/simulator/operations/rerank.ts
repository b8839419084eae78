// POST /v1/rerank, as Cohere and Jina shape it: documents in order of the words they share with the query.
import { type Answer, jsonAnswer, type OperationInput } from '../answer.ts';
import { isObject } from '../json.ts';
import { openaiError } from '../openai-error.ts';
import { countTokens } from '../tokens.ts';

export function answerRerank({ body, model, newId }: OperationInput): Answer {
  const { query, documents } = body;
  if (typeof query !== 'string' || !Array.isArray(documents) || documents.length === 0) {
    return openaiError(400, "'query' must be a text and 'documents' a list of texts.");
  }
  const texts = (documents as readonly unknown[]).map((entry) =>
    isObject(entry) && typeof entry.text === 'string' ? entry.text : String(entry),
  );
  const words = wordsOf(query);
  const ranked = texts
    .map((text, index) => ({ index, relevance_score: scoreOf(words, text) }))
    .sort((left, right) => right.relevance_score - left.relevance_score || left.index - right.index);
  const count = Number.isInteger(body.top_n) ? Number(body.top_n) : texts.length;
  const results = ranked
    .slice(0, count)
    .map((entry) => (body.return_documents === true ? { ...entry, document: { text: texts[entry.index] } } : entry));
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), countTokens(query));
  const meta = { api_version: { version: '2' }, billed_units: { search_units: 1 } };
  return jsonAnswer(200, { id: newId('rerank-'), model, results, usage: { total_tokens: tokens }, meta });
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? []);
}

/** The share of the query's words that the text has. */
function scoreOf(words: ReadonlySet<string>, text: string): number {
  const found = wordsOf(text);
  const shared = [...words].filter((word) => found.has(word)).length;
  return words.size === 0 ? 0 : shared / words.size;
}
