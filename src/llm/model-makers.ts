// Who makes a model, by its name, and which providers sell their own alone: so that a router does not ask Anthropic for GPT. Names and
// providers that are not known here may be anything.

/** Providers that serve what they make, and nothing else. */
const MAKERS: readonly (readonly [provider: string, pattern: RegExp])[] = [
  [
    'openai',
    /^(gpt-|chatgpt-|o[1-9](-|$)|text-embedding-|dall-e|whisper|tts-|davinci|babbage|codex|omni-moderation|computer-use|sora)/,
  ],
  ['anthropic', /^claude/],
  ['google', /^(gemini|gemma|text-embedding-00|embedding-00|imagen|veo|learnlm|aqa)/],
  ['mistral', /^((open-)?(mistral|mixtral|codestral)|ministral|magistral|devstral|pixtral|voxtral)/],
  ['cohere', /^(command|c4ai|embed-|rerank-|aya)/],
  ['deepseek', /^deepseek/],
  ['xai', /^grok/],
  ['perplexity', /^(sonar|pplx)/],
];
const OWN: ReadonlyMap<string, RegExp> = new Map(MAKERS);

/**
 * Whether a provider has a model, by both names: `certain`, `no`, or `maybe` where one of them is not known. A tuned model of OpenAI
 * has its maker's name behind a prefix (`ft:gpt-4o:…`).
 */
export function offersByName(provider: string, model: string): 'certain' | 'maybe' | 'no' {
  const name = model.toLowerCase().replace(/^ft:|^models\//, '');
  const own = OWN.get(provider);
  if (own?.test(name)) return 'certain';
  if (own === undefined) return 'maybe';
  return MAKERS.some(([, pattern]) => pattern.test(name)) ? 'no' : 'maybe';
}
