// What changed between two models, by table and id: the log line of a reload. Names only, never values: they may be secrets.
import { canonicalText } from './canonical-text.ts';
import type { GatewayModel } from './gateway-model.ts';

export interface TableDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface ModelDiff {
  readonly listeners: TableDiff;
  readonly routes: TableDiff;
  readonly backends: TableDiff;
  readonly policies: TableDiff;
  readonly aliases: TableDiff;
  /** Routes present before and after follow each other in another order. */
  readonly routesReordered: boolean;
  readonly logChanged: boolean;
  readonly localityChanged: boolean;
  readonly healthChanged: boolean;
  readonly discoveryChanged: boolean;
  readonly pricesChanged: boolean;
  readonly usageChanged: boolean;
  /** One line per change, such as `route chat: changed`; empty when nothing changed. */
  readonly lines: readonly string[];
}

type Table = ReadonlyMap<string, string>;

const EMPTY: Table = new Map();

/** Position alone is no change of a route: one more in front of it moves all the others. */
function withoutOrder<T extends object>(row: T): object {
  const { order: _order, ...rest } = row as T & { readonly order?: number };
  return rest;
}

function tableOf<T extends object>(rows: readonly T[], nameOf: (row: T) => string): Table {
  return new Map(rows.map((row) => [nameOf(row), canonicalText(withoutOrder(row))]));
}

function diffTables(before: Table, after: Table): TableDiff {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...after.keys()].filter((name) => before.has(name) && before.get(name) !== after.get(name)),
  };
}

function isReordered(before: Table, after: Table): boolean {
  const kept = [...before.keys()].filter((name) => after.has(name));
  const now = [...after.keys()].filter((name) => before.has(name));
  return kept.some((name, index) => name !== now[index]);
}

/** `before` is undefined at the first load: everything is added. */
export function diffModels(before: GatewayModel | undefined, after: GatewayModel): ModelDiff {
  const table = <T extends object>(
    rows: (model: GatewayModel) => readonly T[],
    nameOf: (row: T) => string,
  ): [Table, Table] => [before === undefined ? EMPTY : tableOf(rows(before), nameOf), tableOf(rows(after), nameOf)];
  const inOrder = (model: GatewayModel) => model.routes.toSorted((a, b) => a.order - b.order);
  const routes = table(inOrder, (route) => route.id);
  const diff = {
    listeners: diffTables(
      ...table(
        (model) => model.listeners,
        (listener) => listener.id,
      ),
    ),
    routes: diffTables(...routes),
    backends: diffTables(
      ...table(
        (model) => model.backends,
        (backend) => backend.id,
      ),
    ),
    policies: diffTables(
      ...table(
        (model) => model.policies,
        (policy) => policy.id,
      ),
    ),
    aliases: diffTables(
      ...table(
        (model) => model.aliases,
        (alias) => alias.alias,
      ),
    ),
    routesReordered: isReordered(...routes),
    logChanged: before !== undefined && canonicalText(before.log) !== canonicalText(after.log),
    localityChanged:
      before !== undefined && canonicalText(before.locality ?? {}) !== canonicalText(after.locality ?? {}),
    discoveryChanged:
      before !== undefined && canonicalText(before.discovery ?? {}) !== canonicalText(after.discovery ?? {}),
    pricesChanged: before !== undefined && canonicalText(before.prices ?? []) !== canonicalText(after.prices ?? []),
    usageChanged: before !== undefined && canonicalText(before.usage ?? {}) !== canonicalText(after.usage ?? {}),
    healthChanged: before !== undefined && canonicalText(before.health ?? {}) !== canonicalText(after.health ?? {}),
  };
  return { ...diff, lines: describe(diff) };
}

function describe(diff: Omit<ModelDiff, 'lines'>): readonly string[] {
  const tables = [
    ['listener', diff.listeners],
    ['route', diff.routes],
    ['backend', diff.backends],
    ['policy', diff.policies],
    ['alias', diff.aliases],
  ] as const;
  const lines = tables.flatMap(([word, table]) => [
    ...table.added.map((name) => `${word} ${name}: added`),
    ...table.removed.map((name) => `${word} ${name}: removed`),
    ...table.changed.map((name) => `${word} ${name}: changed`),
  ]);
  if (diff.routesReordered) lines.push('routes: order changed');
  if (diff.logChanged) lines.push('log: changed');
  if (diff.localityChanged) lines.push('locality: changed');
  if (diff.discoveryChanged) lines.push('service discovery: changed');
  if (diff.pricesChanged) lines.push('prices: changed');
  if (diff.usageChanged) lines.push('usage: changed');
  if (diff.healthChanged) lines.push('health of the gateway: changed');
  return lines;
}
