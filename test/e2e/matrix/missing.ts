// Cells of the matrix that do not work yet, in one table. It only shrinks: a cell that works although it is listed fails the test.

export interface Missing {
  /** Name of a client, `*` for all. */
  readonly client: string;
  readonly provider: string;
  readonly feature: string;
  readonly why: string;
}

export const MISSING: readonly Missing[] = [];

/** What is right as it is: the client or the provider cannot. */
export const REFUSED: readonly Missing[] = [];

export function findMissing(table: readonly Missing[], cell: Omit<Missing, 'why'>): Missing | undefined {
  const fits = (pattern: string, name: string): boolean => pattern === '*' || pattern === name;
  return table.find(
    ({ client, provider, feature }) =>
      fits(client, cell.client) && fits(provider, cell.provider) && fits(feature, cell.feature),
  );
}
