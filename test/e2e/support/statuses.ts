// Requests one after another, for tests that count failures over all workers.
import type { TestGateway } from './gateway.ts';

export async function statuses(gateway: TestGateway, count: number): Promise<readonly number[]> {
  const answers: number[] = [];
  for (let request = 0; request < count; request++) {
    // A connection each, so that every worker gets some.
    const response = await gateway.fetch('/x', { headers: { connection: 'close' } });
    await response.arrayBuffer();
    answers.push(response.status);
  }
  return answers;
}
