// Switchyard's own dialect: one file of this folder for each section. Every key acts, or is a finding.
import type { GatewayModel } from '../../model/gateway-model.ts';
import type { Dialect, SourceDocument, TranslateOptions, Translation } from '../dialect.ts';
import { translateBackends } from './backends.ts';
import { BreakerAssignment, readBreakers } from './circuit-breaker.ts';
import { LATER_SECTIONS } from './later-keys.ts';
import { translateListeners } from './listeners.ts';
import { translateLog } from './log.ts';
import { translateModels } from './models.ts';
import { nearestMend, Reading } from './reading.ts';
import { translateRoutes } from './routes.ts';
import { createScope, type NativeScope } from './scope.ts';

/** The sections that act. */
export const SECTIONS = [
  'listeners',
  'backends',
  'routes',
  'models',
  'model_mapping',
  'log',
  'circuit_breaker',
] as const;

type Sections = Readonly<Partial<Record<(typeof SECTIONS)[number], unknown>>>;

function knownSections(reading: Reading): Sections {
  const { value } = reading.document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `expected a map of sections such as ${SECTIONS.slice(0, 3).join(', ')}`;
    reading.error([], { code: 'config.wrong-type', message });
    return {};
  }
  const own = reading.withoutLater(value, [], LATER_SECTIONS) as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(own)) {
    if ((SECTIONS as readonly string[]).includes(key)) continue;
    const { mend = `sections: ${SECTIONS.join(', ')}` } = nearestMend(key, [...SECTIONS, ...LATER_SECTIONS]);
    reading.error([key], { code: 'config.unknown-key', message: `unknown key "${key}"`, mend });
  }
  return own;
}

/** Of a section that must be read before the others, whatever else is wrong with the document. */
function sectionOf({ document: { value } }: Reading, name: string): unknown {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function translateSections(reading: Reading, scope: NativeScope): Partial<GatewayModel> {
  const sections = knownSections(reading);
  const known = new Set(scope.implied.keys());
  const listeners = translateListeners(sections.listeners, reading, scope);
  const written = translateBackends(sections.backends, reading, scope);
  const routes = translateRoutes(sections.routes, reading, scope);
  const aliases = (['models', 'model_mapping'] as const).flatMap((key) =>
    translateModels({ key, value: sections[key] }, reading, scope),
  );
  const implied = [...scope.implied].filter(([name]) => !known.has(name)).map(([, backend]) => backend);
  const backends = [...written, ...implied];
  const log = sections.log === undefined ? undefined : translateLog(sections.log, reading);
  return {
    ...(listeners.length > 0 && { listeners }),
    ...(backends.length > 0 && { backends }),
    ...(routes.length > 0 && { routes }),
    ...(aliases.length > 0 && { aliases }),
    ...(log !== undefined && { log }),
  };
}

function translate(documents: readonly SourceDocument[], options: TranslateOptions): Translation {
  const readings = documents.map((document) => new Reading(document));
  const breakers = new BreakerAssignment(
    readings.flatMap((reading) => readBreakers(sectionOf(reading, 'circuit_breaker'), reading)),
  );
  const scope = createScope(
    documents.map((document) => document.value),
    options,
    breakers,
  );
  const fragments = readings.map((reading) => breakers.apply(translateSections(reading, scope)));
  breakers.warnOfUnused();
  return { fragments, findings: readings.flatMap((reading) => reading.findings) };
}

export const native: Dialect = {
  name: 'native',
  summary: 'Listeners, backends, routes and models in one YAML file or several.',
  translate,
};
