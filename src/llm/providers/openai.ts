// OpenAI itself, with the address and the environment variables of its official SDK.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const ID = { pattern: /^[\w.-]+$/, expected: 'an id of letters, digits, dots, dashes and underscores' };

export const openai = defineOpenaiCompatible({
  name: 'openai',
  summary: 'OpenAI.',
  defaultBaseUrl: 'https://api.openai.com/v1',
  keyVariables: ['OPENAI_API_KEY'],
  baseUrlVariables: ['OPENAI_BASE_URL'],
  schema: s.object({
    organization: s.optional(s.string('Organization the usage is counted for, such as org-abc123.', ID)),
    project: s.optional(s.string('Project the usage is counted for, such as proj_abc123.', ID)),
    ...QUIRK_OPTIONS,
  }),
  examples: [
    { title: 'With the key of the environment', config: {} },
    { title: 'Counted for one project', config: { organization: 'org-abc123', project: 'proj_abc123' } },
  ],
  fields: ({ organization, project }) => [
    ...(organization === undefined ? [] : [['openai-organization', organization] as const]),
    ...(project === undefined ? [] : [['openai-project', project] as const]),
  ],
});
