// Which operation a method and path mean, and what OpenAI says to paths and methods it does not have.
import type { Answer, OperationInput } from './answer.ts';
import { openaiError } from './openai-error.ts';
import { answerChat } from './operations/chat.ts';
import { answerCompletion } from './operations/completions.ts';
import { answerEmbeddings } from './operations/embeddings.ts';
import { getModel, listModels } from './operations/models.ts';
import type { ResponseShelf } from './operations/response-shelf.ts';
import { answerResponses } from './operations/responses.ts';

/** `json` operations need a JSON body that names a model; `bare` ones read nothing. */
export type FoundOperation =
  | { readonly kind: 'json'; answer(input: OperationInput): Answer }
  | { readonly kind: 'bare'; answer(): Answer }
  | { readonly kind: 'echo' };

const STORED_RESPONSE = /^\/v1\/responses\/([^/]+)(?:\/(input_items))?$/;
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
    ]);
  }

  find(method: string, path: string): FoundOperation {
    if (path !== '/v1' && !path.startsWith('/v1/')) return { kind: 'echo' };
    const post = this.posts.get(path);
    if (post !== undefined) return method === 'POST' ? { kind: 'json', answer: post } : wrongMethod(method, path);
    const read = this.findRead(method, path);
    return read ?? { kind: 'bare', answer: () => openaiError(404, `Invalid URL (${method} ${path})`) };
  }

  private findRead(method: string, path: string): FoundOperation | undefined {
    const isRead = method === 'GET' || method === 'HEAD';
    const model = MODEL.exec(path)?.[1];
    if (path === '/v1/models' || model !== undefined) {
      if (!isRead) return wrongMethod(method, path);
      return { kind: 'bare', answer: () => (model === undefined ? listModels() : getModel(decode(model))) };
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

/** A segment that is not valid percent-encoding stands for itself. */
function decode(segment: string): string {
  return URL.canParse(`http://x/${segment}`) && !/%(?![0-9a-f]{2})/i.test(segment) ? unescapeUtf8(segment) : segment;
}

function unescapeUtf8(segment: string): string {
  const bytes = segment.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
