// What an OpenAI message holds beside text, in words: images, files and sound of the chat and the Responses shapes.
import { mediaOf } from './conversation.ts';
import { isObject, type JsonObject } from './json.ts';

const DATA_URL = /^data:([^;,]*)(?:;[^;,]+)*;base64,(.*)$/s;

export function mediaIn(content: unknown): readonly string[] {
  if (!Array.isArray(content)) return [];
  return (content as readonly unknown[]).filter(isObject).flatMap(mediaOfPart);
}

function mediaOfPart(part: JsonObject): readonly string[] {
  switch (part.type) {
    case 'image_url':
    case 'input_image': {
      const url = isObject(part.image_url) ? part.image_url.url : part.image_url;
      return [typeof url === 'string' ? byUrl(url) : `image ${part.file_id}`];
    }
    case 'input_audio': {
      const { format, data } = isObject(part.input_audio) ? part.input_audio : {};
      return [mediaOf(`audio/${format}`, String(data))];
    }
    case 'file':
    case 'input_file': {
      const file = isObject(part.file) ? part.file : part;
      if (typeof file.file_data === 'string') return [byUrl(file.file_data)];
      return [typeof file.file_url === 'string' ? byUrl(file.file_url) : `file ${file.file_id}`];
    }
    default:
      return [];
  }
}

function byUrl(url: string): string {
  const match = DATA_URL.exec(url);
  return match === null ? url : mediaOf(match[1], match[2]);
}
