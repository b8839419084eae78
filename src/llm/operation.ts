// What an AI request asks for, whatever format it is written in.

export type Operation =
  | 'chat'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'models'
  | 'images'
  | 'speech'
  | 'transcription'
  | 'rerank'
  | 'count-tokens';
