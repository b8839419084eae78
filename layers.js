// Which folder of src/ may import which (ARCHITECTURE.md explains why). A folder imports itself and what its line names; `npm run layers` checks.
const base = ['base', 'errors'];
const pipeline = [...base, 'schema', 'model', 'wire', 'llm', 'state', 'telemetry'];
const filters = ['pipeline', ...pipeline, 'expr'];
const runtime = ['filters', 'upstream', ...filters];
const server = [...base, 'model', 'wire', 'telemetry', 'pipeline', 'runtime'];
const control = [...base, 'schema', 'model', 'expr', 'state', 'telemetry', 'dialects', 'storage'];
const admin = [...base, 'schema', 'model', 'telemetry', 'storage', 'control'];

export const layers = {
  base: [],
  errors: ['base'],
  schema: base,
  model: [...base, 'schema'],
  wire: base,
  expr: base,
  state: base,
  telemetry: base,
  llm: [...base, 'schema', 'wire'],
  pipeline,
  filters,
  upstream: filters,
  runtime,
  server,
  dialects: [...base, 'schema', 'model'],
  storage: [...base, 'schema', 'model'],
  control,
  admin,
  simulator: [...base, 'wire'],
  app: [...new Set([...runtime, 'runtime', ...server, 'server', ...control, 'control', ...admin, 'admin', 'simulator'])],
  cli: [...base, 'schema', 'model', 'dialects', 'app'],
};

/** Hot folders may import only types of the model: everything is compiled (design rule `model-is-compiled`). */
export const hot = ['filters', 'upstream', 'server', 'runtime'];
/** Files of hot folders that compile and so may read the model. */
export const compilers = [/^runtime\/(compile|attach|router\/compile)/];
