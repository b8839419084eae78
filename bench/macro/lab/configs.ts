// The configurations the gateway is measured with.

/** One OpenAI backend: the body is parsed for `model`, the key replaced, usage counted. */
export function aiConfig(upstream: number): string {
  return `backends:
  mini: {provider: openai, base_url: "http://127.0.0.1:${upstream}/v1", api_key: sk-bench}
routes:
  - {name: ai, match: {path: /v1/*}, backend: mini}
`;
}

/** Clients speak OpenAI, the backend Anthropic: requests, answers and events are told in other words. */
export function translatedConfig(upstream: number): string {
  return `backends:
  claude: {provider: anthropic, base_url: "http://127.0.0.1:${upstream}", api_key: sk-bench, model: claude-haiku-4-5}
routes:
  - {name: ai, match: {path: /v1/*}, backend: claude}
`;
}

/** One plain HTTP backend. */
export function plainConfig(upstream: number): string {
  return `backends:
  up: {endpoints: ["http://127.0.0.1:${upstream}"]}
routes:
  - {name: plain, match: {path: /*}, backend: up}
`;
}
