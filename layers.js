// Which folder of src/ may import what (ARCHITECTURE.md explains why); tools/check-layers.ts checks it in the gate.
// A folder imports itself and what its line names.
const base = ['base', 'errors'];
const pipeline = [...base, 'schema', 'model', 'wire', 'llm', 'state', 'telemetry'];
const filters = ['pipeline', ...pipeline, 'expr'];
const runtime = ['filters', 'upstream', ...filters];
const server = [...base, 'model', 'wire', 'telemetry', 'pipeline', 'runtime'];
const control = [...base, 'schema', 'model', 'expr', 'state', 'telemetry', 'dialects', 'storage'];
const admin = [...base, 'schema', 'model', 'telemetry', 'storage', 'control'];
const app = [
  ...new Set([...runtime, 'runtime', ...server, 'server', ...control, 'control', ...admin, 'admin', 'simulator']),
];

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
  app,
  scenario: [...new Set([...app, 'app'])],
  cli: [...base, 'schema', 'model', 'dialects', 'app', 'scenario'],
};

/** Hot folders may import only types of the model: everything is compiled (design rule `model-is-compiled`). */
export const hot = ['filters', 'upstream', 'server', 'runtime'];
/** Files of hot folders that compile, or play a whole gateway for tests, and so may read the model. */
export const compilers = [/^runtime\/(compile|attach|router\/compile|testing\/)/];

/** Folders whose members are extensions: none imports its sibling. Files named in `shared` are the frame around them. */
export const extensions = [
  { folder: 'filters', shared: ['registry', 'testing'] },
  { folder: 'dialects', shared: ['registry', 'dialect', 'recognise', 'translate-documents'] },
  { folder: 'upstream/balancers', shared: ['registry'] },
  { folder: 'llm/codecs', shared: [] },
  { folder: 'llm/formats', shared: ['registry'] },
  { folder: 'llm/providers', shared: ['registry'] },
];

/** Packages from npm, each behind the one folder that knows it. */
export const packages = {
  base: ['leven'],
  schema: ['zod', 'yaml', 'leven'],
  cli: ['commander'],
  wire: ['@smithy/eventstream-codec'],
  llm: ['@smithy/signature-v4', '@aws-crypto/sha256-js', 'gpt-tokenizer', '@pydantic/genai-prices'],
  upstream: ['google-auth-library'],
};
/** What test files may import besides. */
export const testPackages = [
  'fast-check',
  'openai',
  'yaml',
  '@anthropic-ai/sdk',
  '@google/genai',
  'ai',
  '@ai-sdk/openai',
  '@ai-sdk/anthropic',
  '@ai-sdk/google',
  '@langchain/core',
  '@langchain/openai',
  '@aws-sdk/client-bedrock-runtime',
];

/** Folders without I/O: they take and give values. */
export const pure = ['base', 'errors', 'schema', 'model', 'wire', 'expr', 'llm', 'dialects'];

/** Tables and grammars, the files that may be longer than the limit. */
export const longFiles = ['errors/codes.ts'];
