// Responses kept for reading by id (GET, DELETE, input items): the last 1,000, in memory.
import { type Answer, jsonAnswer } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import { openaiError } from '../openai-error.ts';

export interface KeptResponse {
  readonly response: object;
  readonly items: readonly JsonObject[];
}

const KEPT = 1000;

export class ResponseShelf {
  private readonly kept = new Map<string, KeptResponse>();

  get(id: string): KeptResponse | undefined {
    return this.kept.get(id);
  }

  put(id: string, kept: KeptResponse): void {
    this.kept.set(id, kept);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(oldest);
    }
  }

  /** `GET|DELETE /v1/responses/{id}` and `GET /v1/responses/{id}/input_items`. */
  answer(method: 'GET' | 'DELETE', id: string, part: string | undefined): Answer {
    const kept = this.kept.get(id);
    if (kept === undefined) return openaiError(404, `Response with id '${id}' not found.`);
    if (method === 'DELETE') {
      this.kept.delete(id);
      return jsonAnswer(200, { id, object: 'response', deleted: true });
    }
    return jsonAnswer(200, part === undefined ? kept.response : itemList(kept.items, id));
  }
}

function itemList(items: readonly JsonObject[], responseId: string): object {
  const data = items.map((item, index) => ({
    ...item,
    id: typeof item.id === 'string' ? item.id : `${responseId}-input-${index}`,
    content: typeof item.content === 'string' ? [{ type: 'input_text', text: item.content }] : item.content,
  }));
  return { object: 'list', data, first_id: data.at(0)?.id, last_id: data.at(-1)?.id, has_more: false };
}
