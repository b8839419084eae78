// The matrix as text: clients down, providers across, and below it why a cell is not full.

export interface CellResult {
  readonly client: string;
  readonly provider: string;
  readonly feature: string;
  readonly state: 'works' | 'absent' | 'refused' | 'missing' | 'broken';
  /** Empty where it works. */
  readonly why: string;
}

const MARKS: Readonly<Record<CellResult['state'], string>> = {
  works: '',
  absent: 'nothing to ask',
  refused: 'refused',
  missing: 'not yet',
  broken: 'BROKEN',
};

export function printMatrix(results: readonly CellResult[]): string {
  const clients = [...new Set(results.map(({ client }) => client))];
  const providers = [...new Set(results.map(({ provider }) => provider))];
  const width = Math.max(...clients.map((name) => name.length)) + 2;
  const columns = providers.map((name) => Math.max(name.length, 5) + 2);
  const line = (first: string, cells: readonly string[]): string =>
    `${first.padEnd(width)}${cells.map((cell, index) => cell.padStart(columns[index])).join('')}`.trimEnd();
  const rows = clients.map((client) => {
    return line(
      client,
      providers.map((provider) =>
        cellText(results.filter((each) => each.client === client && each.provider === provider)),
      ),
    );
  });
  return [line('', providers), ...rows, '', ...reasons(results)].join('\n');
}

/** Working features of those that can be asked. */
function cellText(results: readonly CellResult[]): string {
  const asked = results.filter(({ state }) => state !== 'absent');
  return `${asked.filter(({ state }) => state === 'works').length}/${asked.length}`;
}

function reasons(results: readonly CellResult[]): readonly string[] {
  const byReason = Map.groupBy(
    results.filter(({ state }) => state !== 'works'),
    ({ state, provider, feature, why }) => `${MARKS[state]}: ${feature} on ${provider}: ${why}`,
  );
  return [...byReason].map(([reason, cells]) => `${reason} (${cells.map(({ client }) => client).join('; ')})`);
}
