// Which operation a method and path mean, and what OpenAI says to paths and methods it does not have.
import type { Answer, OperationInput } from './answer.ts';
import { openaiError } from './openai-error.ts';
import { answerSpeech, answerTranscription } from './operations/audio.ts';
import { answerChat } from './operations/chat.ts';
import { answerCompletion } from './operations/completions.ts';
import { answerEmbeddings } from './operations/embeddings.ts';
import { answerImages } from './operations/images.ts';
import { getModel, listModels } from './operations/models.ts';
import { answerRerank } from './operations/rerank.ts';
import type { ResponseShelf } from './operations/response-shelf.ts';
import { answerResponses } from './operations/responses.ts';
import { decodeSegment, type FoundOperation } from './wire.ts';

const STORED_RESPONSE = /^\/v1\/responses\/([^/]+)(?:\/(input_items))?$/;
/** Bodies that hold files come as forms. */
const FORMS: ReadonlySet<string> = new Set(['/v1/images/edits', '/v1/audio/transcriptions']);
const MODEL = /^\/v1\/models\/(.+)$/;

export class OperationTable {
  private readonly shelf: ResponseShelf;
  private readonly posts: ReadonlyMap<string, (input: OperationInput) => Answer>;

  constructor(shelf: ResponseShelf) {
    this.shelf = shelf;
    this.posts = new Map([
      ['/v1/chat/completions', answerChat],
      ['/v1/completions', answerCompletion],
      ['/v1/embeddings', answerEmbeddings],
      ['/v1/responses', (input: OperationInput) => answerResponses(input, shelf)],
      ['/v1/images/generations', answerImages],
      ['/v1/images/edits', answerImages],
      ['/v1/audio/speech', answerSpeech],
      ['/v1/audio/transcriptions', answerTranscription],
      ['/v1/rerank', answerRerank],
    ]);
  }

  find(method: string, path: string): FoundOperation {
    if (path !== '/v1' && !path.startsWith('/v1/')) return { kind: 'echo' };
    const post = this.posts.get(path);
    if (post !== undefined) {
      return method === 'POST' ? { kind: 'json', isForm: FORMS.has(path), answer: post } : wrongMethod(method, path);
    }
    const read = this.findRead(method, path);
    return read ?? { kind: 'bare', answer: () => openaiError(404, `Invalid URL (${method} ${path})`) };
  }

  private findRead(method: string, path: string): FoundOperation | undefined {
    const isRead = method === 'GET' || method === 'HEAD';
    const model = MODEL.exec(path)?.[1];
    if (path === '/v1/models' || model !== undefined) {
      if (!isRead) return wrongMethod(method, path);
      return { kind: 'bare', answer: () => (model === undefined ? listModels() : getModel(decodeSegment(model))) };
    }
    const stored = STORED_RESPONSE.exec(path);
    if (stored === null) return undefined;
    const isDelete = method === 'DELETE' && stored[2] === undefined;
    if (!isRead && !isDelete) return wrongMethod(method, path);
    const answer = (): Answer => this.shelf.answer(isDelete ? 'DELETE' : 'GET', stored[1], stored[2]);
    return { kind: 'bare', answer };
  }
}

function wrongMethod(method: string, path: string): FoundOperation {
  const message = `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to use a different HTTP method?)`;
  return { kind: 'bare', answer: () => openaiError(405, message, { code: 'method_not_supported' }) };
}
