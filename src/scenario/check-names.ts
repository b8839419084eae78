// Names in a scenario that its configurations do not have, and times outside the run: what is expected of them could never fail.
import { nearestName } from '../base/nearest-name.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import { placeOf } from './endpoint-place.ts';
import type { Scenario } from './scenario.ts';
import type { Path, ScenarioDocument, WrittenScenario } from './scenario-document.ts';

type Kind = 'backend' | 'endpoint' | 'zone' | 'region' | 'route' | 'error';

interface Named {
  readonly path: Path;
  readonly kind: Kind;
  readonly name: string | undefined;
}

class Names {
  private readonly known: Readonly<Record<Kind, readonly string[]>>;
  private readonly places: ReadonlySet<string>;

  constructor(models: readonly GatewayModel[]) {
    const backends = models.flatMap((model) => model.backends);
    const endpoints = backends.flatMap((backend) => backend.endpoints);
    this.known = {
      backend: backends.map(({ name }) => name),
      endpoint: endpoints.map(({ url }) => url),
      zone: endpoints.flatMap(({ zone }) => zone ?? []),
      region: endpoints.flatMap(({ region }) => region ?? []),
      route: models.flatMap(({ routes }) => routes.map(({ name }) => name)),
      error: Object.keys(ERROR_CODES),
    };
    this.places = new Set(this.known.endpoint.map(placeOf));
  }

  check({ path, kind, name }: Named, document: ScenarioDocument): void {
    if (name === undefined || this.known[kind].includes(name)) return;
    if (kind === 'endpoint' && (!URL.canParse(name) || this.places.has(placeOf(name)))) return;
    const nearest = nearestName(name, this.known[kind]);
    const known = [...new Set(this.known[kind])].slice(0, 8).join(', ');
    const mend =
      nearest !== undefined ? `did you mean "${nearest}"?` : known === '' ? undefined : `there are: ${known}`;
    const what = kind === 'error' ? `there is no error code "${name}"` : `the configuration has no ${kind} "${name}"`;
    document.error(path, { code: 'config.undefined-name', message: what, ...(mend === undefined ? {} : { mend }) });
  }
}

function namesIn({ endpoints, events = [], requests = [], expect = [] }: WrittenScenario): readonly Named[] {
  const written = Object.keys(endpoints).filter((url) => url !== '*');
  const selectors = ['endpoint', 'backend', 'zone', 'region'] as const;
  const answers = ['route', 'backend', 'endpoint', 'error'] as const;
  const filters = ['backend', 'route', 'endpoint'] as const;
  const shares = ['backend', 'endpoint', 'zone', 'region', 'route'] as const;
  return [
    ...written.map((name): Named => ({ path: ['endpoints', name], kind: 'endpoint', name })),
    ...events.flatMap((event, index) =>
      selectors.map((kind): Named => ({ path: ['events', index, kind], kind, name: event[kind] })),
    ),
    ...requests.flatMap((single, index) =>
      answers.map((kind): Named => ({ path: ['requests', index, 'expect', kind], kind, name: single.expect[kind] })),
    ),
    ...expect.flatMap((item, index) => [
      ...filters.map((kind): Named => ({ path: ['expect', index, kind], kind, name: item[kind] })),
      ...shares.flatMap((kind) =>
        Object.keys(item.share?.[kind] ?? {}).map(
          (name): Named => ({ path: ['expect', index, 'share', kind, name], kind, name }),
        ),
      ),
    ]),
  ];
}

function timesIn({
  events = [],
  requests = [],
  expect = [],
  load = [],
}: WrittenScenario): readonly (readonly [Path, number | undefined])[] {
  return [
    ...load.flatMap(({ from, until }, index) => [
      [['load', index, 'from'], from] as const,
      [['load', index, 'until'], until] as const,
    ]),
    ...events.map(({ at }, index) => [['events', index, 'at'], at] as const),
    ...requests.map(({ at }, index) => [['requests', index, 'at'], at] as const),
    ...expect.flatMap(({ at, from, until }, index) => [
      [['expect', index, 'at'], at] as const,
      [['expect', index, 'from'], from] as const,
      [['expect', index, 'until'], until] as const,
    ]),
  ];
}

/** Those of requests must be in each configuration: a request to none could not even be refused. */
function checkListeners(
  models: readonly GatewayModel[],
  { load = [], requests = [] }: WrittenScenario,
  document: ScenarioDocument,
): void {
  const ofLoad = load.flatMap((each, index) =>
    each.requests.map(({ listener }, place) => ({ path: ['load', index, 'requests', place, 'listener'], listener })),
  );
  const single = requests.map(({ listener }, index) => ({ path: ['requests', index, 'listener'], listener }));
  for (const { path, listener } of [...ofLoad, ...single]) {
    if (listener === undefined) continue;
    const lacking = models.find(({ listeners }) => listeners.every(({ id }) => id !== listener));
    if (lacking === undefined) continue;
    const mend = `there are: ${lacking.listeners.map(({ id }) => id).join(', ')}`;
    document.error(path, {
      code: 'config.undefined-listener',
      message: `a configuration has no listener "${listener}"`,
      mend,
    });
  }
}

export function checkNames(scenario: Scenario, written: WrittenScenario, document: ScenarioDocument): void {
  const reloaded = scenario.events.flatMap(({ action }) => (action.kind === 'reload' ? action.models : []));
  const models = [scenario.model, ...reloaded];
  checkListeners(models, written, document);
  const names = new Names(models);
  for (const named of namesIn(written)) names.check(named, document);
  for (const [path, timeMs] of timesIn(written)) {
    if (timeMs === undefined || timeMs <= scenario.durationMs) continue;
    const mend = 'let "duration" end later';
    document.error(path, { code: 'config.wrong-value', message: 'this is after the end of the scenario', mend });
  }
}
