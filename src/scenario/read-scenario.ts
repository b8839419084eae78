// A scenario file → a scenario that can be run, or what is wrong with it, line by line: its own keys, the configuration it names,
// and names in one that the other does not have.
import { dirname, resolve } from 'node:path';
import { type Configuration, type ConfigurationOptions, loadConfiguration } from '../app/configuration.ts';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Infer } from '../schema/builder.ts';
import { type Behaviour, changed, DEFAULT_BEHAVIOUR } from './behaviour.ts';
import { checkNames } from './check-names.ts';
import { placeOf } from './endpoint-place.ts';
import { toBehaviour } from './endpoint-schema.ts';
import { MEASURES, STATE_KEYS, toFilter, toMeasures, toState, type WrittenExpectation } from './expectation-schema.ts';
import { withNamesAsHosts } from './names-as-hosts.ts';
import { toAnswer, toTemplate } from './request-schema.ts';
import type { EventAction, Expectation, Load, Scenario, ScenarioEvent, SingleRequest } from './scenario.ts';
import { type Environment, type Path, ScenarioDocument, type WrittenScenario } from './scenario-document.ts';
import type { EVENT } from './scenario-schema.ts';

export interface ReadScenario {
  /** Undefined when a finding is an error. */
  readonly scenario: Scenario | undefined;
  readonly findings: readonly Finding[];
}

export interface ScenarioText {
  /** As findings shall show it; paths inside are taken from its folder. */
  readonly source: string;
  readonly text: string;
}

const LOAD_DURATION_MS = 60_000;
const AFTER_LAST_MS = 1000;

/** Models by what was written, so that a configuration named twice is loaded once. */
class Models {
  readonly findings: Finding[] = [];
  private readonly document: ScenarioDocument;
  private readonly loaded = new Map<string, GatewayModel | undefined>();

  constructor(document: ScenarioDocument) {
    this.document = document;
  }

  ofConfig(config: WrittenScenario['config']): GatewayModel | undefined {
    if (isPaths(config)) return this.ofPaths(config);
    const { text, indent } = this.document.inlineConfig();
    const { source } = this.document;
    const { model, findings } = this.load({ paths: [], documents: [{ source, text }] });
    this.findings.push(...findings.map((finding) => movedRight(finding, indent)));
    return model;
  }

  ofPaths(paths: readonly string[]): GatewayModel | undefined {
    const key = paths.join('\n');
    if (!this.loaded.has(key)) {
      const folder = dirname(this.document.source);
      const full = paths.map((path) => (folder === '.' ? path : resolve(folder, path)));
      const { model, findings } = this.load({ paths: full, documents: [] });
      this.loaded.set(key, model);
      this.findings.push(...findings);
    }
    return this.loaded.get(key);
  }

  private load(given: Pick<ConfigurationOptions, 'documents' | 'paths'>): Pick<Configuration, 'model' | 'findings'> {
    const { model, findings } = loadConfiguration({ ...given, environment: this.document.environment });
    const known = model && withNamesAsHosts(model);
    return { model: known, findings: findings.filter(({ severity }) => severity === 'error') };
  }
}

/** Into the columns of the file that the configuration is written in. */
function movedRight(finding: Finding, columns: number): Finding {
  const { origin } = finding;
  return origin.column === undefined ? finding : { ...finding, origin: { ...origin, column: origin.column + columns } };
}

function isPaths(config: WrittenScenario['config']): config is readonly string[] {
  return Array.isArray(config);
}

/** Nothing is run; files are read. */
export function readScenario({ source, text }: ScenarioText, machine: Environment): ReadScenario {
  const document = new ScenarioDocument(source, text, machine);
  const written = document.read();
  if (written === undefined) return { scenario: undefined, findings: document.findings };
  const models = new Models(document);
  const model = models.ofConfig(written.config);
  const scenario = model && toScenario(written, model, { document, models });
  if (scenario !== undefined) checkNames(scenario, written, document);
  const findings = [...document.findings, ...models.findings];
  return { scenario: findings.length === 0 ? scenario : undefined, findings };
}

interface Reading {
  readonly document: ScenarioDocument;
  readonly models: Models;
}

function toScenario(written: WrittenScenario, model: GatewayModel, reading: Reading): Scenario {
  const durationMs = durationOf(written);
  const { document } = reading;
  return {
    name: written.scenario,
    source: document.source,
    seed: written.seed,
    workers: written.workers,
    durationMs,
    model,
    endpoints: toEndpoints(written, document),
    load: (written.load ?? []).map((load) => toLoad(load, durationMs)),
    events: (written.events ?? []).flatMap((event, index) => toEvent(event, ['events', index], reading) ?? []),
    requests: (written.requests ?? []).map((single, index) => toSingle(single, ['requests', index], document)),
    expect: (written.expect ?? []).flatMap((item, index) => toExpectations(item, ['expect', index], document)),
  };
}

/** Every time that is written has its place in the run. */
function durationOf({ duration, load = [], events = [], requests = [], expect = [] }: WrittenScenario): number {
  if (duration !== undefined) return duration;
  const times = [
    ...load.flatMap(({ from, until }) => [until ?? from + LOAD_DURATION_MS]),
    ...events.flatMap(({ at, for: forMs = 0 }) => [at + forMs]),
    ...requests.map(({ at }) => at),
    ...expect.flatMap(({ from = 0, until = 0, at = 0 }) => [from, until, at]),
  ];
  return Math.max(0, ...times) + AFTER_LAST_MS;
}

function toEndpoints({ endpoints }: WrittenScenario, document: ScenarioDocument): ReadonlyMap<string, Behaviour> {
  const others = changed(DEFAULT_BEHAVIOUR, toBehaviour(endpoints['*'] ?? {}));
  const behaviours = new Map<string, Behaviour>([['*', others]]);
  for (const [url, behaviour] of Object.entries(endpoints)) {
    if (url === '*') continue;
    if (URL.canParse(url)) behaviours.set(placeOf(url), changed(others, toBehaviour(behaviour)));
    else {
      const mend = `write http://${url}, or "*" for all others`;
      document.error(['endpoints', url], {
        code: 'config.wrong-value',
        message: 'expected the URL of an endpoint',
        mend,
      });
    }
  }
  return behaviours;
}

type WrittenLoad = NonNullable<WrittenScenario['load']>[number];
type WrittenSingle = NonNullable<WrittenScenario['requests']>[number];

function toLoad(load: WrittenLoad, durationMs: number): Load {
  return {
    ratePerSecond: load.rate,
    arrivals: load.arrivals,
    fromMs: load.from,
    untilMs: Math.min(load.until ?? durationMs, durationMs),
    clients: load.clients,
    patienceMs: load.patience,
    mix: load.requests.map(({ weight, ...request }) => ({ weight, request: toTemplate(request) })),
  };
}

function toSingle(single: WrittenSingle, path: Path, document: ScenarioDocument): SingleRequest {
  const { at, times, client, expect, ...request } = single;
  return {
    origin: document.origin(path),
    atMs: at,
    times,
    client,
    request: toTemplate(request),
    expect: toAnswer(expect),
  };
}

function toEvent(event: Infer<typeof EVENT>, path: Path, { document, models }: Reading): ScenarioEvent | undefined {
  const action = toAction(event, path, { document, models });
  return action && { atMs: event.at, everyMs: event.every, action };
}

function toAction(event: Infer<typeof EVENT>, path: Path, { document, models }: Reading): EventAction | undefined {
  const { endpoint, backend, zone, region } = event;
  if (event.behave !== undefined) {
    if ([endpoint, backend, zone, region].every((part) => part === undefined)) {
      const mend = 'name an endpoint, backend, zone or region';
      document.error(path, { code: 'config.missing-key', message: 'nothing says whose behaviour changes', mend });
    }
    const of = { endpoint, backend, zone, region };
    return { kind: 'behave', of, change: toBehaviour(event.behave), forMs: event.for };
  }
  if (event.reload !== undefined) {
    const reloaded = event.reload.map((file) => models.ofPaths([file])).filter((model) => model !== undefined);
    return reloaded.length < event.reload.length ? undefined : { kind: 'reload', models: reloaded };
  }
  if (backend === undefined) {
    document.error(path, { code: 'config.missing-key', message: '"backend" is required: whose circuit breaker it is' });
    return undefined;
  }
  return { kind: 'force', backend, endpoint, to: event.force ?? 'auto' };
}

function toExpectations(item: WrittenExpectation, path: Path, document: ScenarioDocument): readonly Expectation[] {
  if (item.at !== undefined) return toStateExpectation(item, item.at, { path, document });
  const misplaced = [...STATE_KEYS, 'endpoint' as const].find((key) => item[key] !== undefined);
  if (misplaced !== undefined) {
    const message = `"${misplaced}" is about a moment`;
    document.error([...path, misplaced], { code: 'config.wrong-value', message, mend: 'add "at", such as at: 12s' });
  }
  const measures = toMeasures(item);
  if (measures.length === 0 && misplaced === undefined) {
    const mend = `say one of ${MEASURES.join(', ')}`;
    document.error(path, { code: 'config.missing-key', message: 'nothing is expected here', mend });
  }
  return measures.map(([key, what]) => ({ origin: document.origin([...path, ...key]), of: toFilter(item), what }));
}

function toStateExpectation(
  item: WrittenExpectation,
  atMs: number,
  { path, document }: { readonly path: Path; readonly document: ScenarioDocument },
): readonly Expectation[] {
  const misplaced = MEASURES.find((key) => item[key] !== undefined);
  if (misplaced !== undefined) {
    const message = `"${misplaced}" is about requests, not about a moment`;
    const mend = 'use "from" and "until" in place of "at"';
    document.error([...path, misplaced], { code: 'config.wrong-value', message, mend });
    return [];
  }
  if (item.backend === undefined) {
    document.error(path, { code: 'config.missing-key', message: '"backend" is required: whose state is meant' });
    return [];
  }
  if (STATE_KEYS.every((key) => item[key] === undefined)) {
    const mend = `say one of ${STATE_KEYS.join(', ')}`;
    document.error(path, { code: 'config.missing-key', message: 'nothing is expected of this moment', mend });
  }
  return [{ origin: document.origin(path), of: undefined, what: toState(item, atMs, item.backend) }];
}
