// The scenario file: its keys, and its JSON Schema for editors and the reference.
import { s } from '../schema/builder.ts';
import { BEHAVIOUR } from './endpoint-schema.ts';
import { EXPECTATION } from './expectation-schema.ts';
import { LOAD, SINGLE } from './request-schema.ts';

const PATHS = s.oneOrMany(
  s.string('File or folder, from the scenario’s own folder.', { minLength: 1 }),
  'Configuration files.',
);

const RELOAD = s.oneOrMany(
  s.string('File or folder.', { minLength: 1 }),
  'Configuration that takes effect; of several the next each time, the first again after the last.',
);

const ACTIONS = ['behave', 'reload', 'force'] as const;

export const EVENT = s.where(
  s.object({
    at: s.durationText('When it happens.'),
    every: s.optional(s.durationText('Happens again and again at this distance.')),
    for: s.optional(s.durationText('How long endpoints behave so; to the end unless given.')),
    endpoint: s.optional(s.url('The endpoint it is about.')),
    backend: s.optional(s.string('All endpoints of this backend.')),
    zone: s.optional(s.string('All endpoints in this zone.')),
    region: s.optional(s.string('All endpoints in this region.')),
    behave: s.optional(BEHAVIOUR),
    reload: s.optional(RELOAD),
    force: s.optional(
      s.choice(
        ['open', 'closed', 'auto'],
        'What an operator says to the circuit breaker of the backend or its endpoint.',
      ),
    ),
  }),
  (event) => ACTIONS.filter((action) => event[action] !== undefined).length === 1,
  `one of ${ACTIONS.join(', ')}`,
);

export const SCENARIO = s.object({
  scenario: s.string('What it shows, in a few words.', { minLength: 1 }),
  config: s.union(
    [PATHS, s.record(s.unknown('A section.'), 'A configuration written here.')],
    'The configuration under test: files and folders, or written here.',
  ),
  environment: s.withDefault(
    s.record(s.scalarText('Value.'), 'Variables that the configuration and this file refer to.'),
    {},
  ),
  seed: s.withDefault(s.integer('The same seed gives the same run, byte for byte; 1 unless given.', { min: 0 }), 1),
  workers: s.withDefault(s.integer('Threads of the gateway; 2 unless given.', { min: 1, max: 64 }), 2),
  duration: s.optional(
    s.durationText('Time simulated; as long as the times written here ask for unless given, at least 60s with a load.'),
  ),
  endpoints: s.withDefault(s.record(BEHAVIOUR, 'How endpoints behave, by URL; "*" = all others.'), {}),
  load: s.optional(s.oneOrMany(LOAD, 'Requests at a rate.')),
  events: s.optional(s.array(EVENT, 'What happens meanwhile.')),
  requests: s.optional(s.array(SINGLE, 'Single requests, and what must come of each.')),
  expect: s.optional(s.array(EXPECTATION, 'What must be true of the run.')),
});

export function scenarioJsonSchema(): object {
  return { ...SCENARIO.jsonSchema, title: 'Switchyard scenario' };
}
