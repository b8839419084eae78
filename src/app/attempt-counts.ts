// What endpoints answered since somebody looked last: differences of the counters that all threads share, by endpoint.
import type { EndpointTable } from '../state/endpoint-table.ts';

export interface Answered {
  readonly requests: number;
  readonly errors: number;
  /** Mean over the requests; 0 = none. */
  readonly latencyMs: number;
}

interface Counts {
  readonly answers: number;
  readonly errorAnswers: number;
  readonly failures: number;
}

export interface RowOf {
  readonly id: string;
  readonly row: number;
}

/** One looker's view: each keeps its own. */
export class AttemptCounts {
  private readonly table: EndpointTable;
  private last = new Map<string, Counts>();

  constructor(table: EndpointTable) {
    this.table = table;
  }

  /** Since the last call; nothing for an endpoint that is new. */
  take(endpoints: readonly RowOf[]): Answered {
    const next = new Map<string, Counts>();
    let [requests, errors, answers, latencySum] = [0, 0, 0, 0];
    for (const { id, row } of endpoints) {
      const now = this.read(row);
      const before = this.last.get(id) ?? now;
      next.set(id, now);
      // A row that was given back and taken again begins at 0.
      const answered = Math.max(0, now.answers - before.answers);
      const failed = Math.max(0, now.failures - before.failures);
      requests += answered + failed;
      errors += failed + Math.max(0, now.errorAnswers - before.errorAnswers);
      answers += answered;
      latencySum += answered * this.table.latencyMs(row);
    }
    this.last = next;
    return { requests, errors, latencyMs: answers === 0 ? 0 : latencySum / answers };
  }

  private read(row: number): Counts {
    const { table } = this;
    return { answers: table.requests(row), errorAnswers: table.errorAnswers(row), failures: table.failures(row) };
  }
}
