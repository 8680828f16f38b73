import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { badUserInput, describe } from '@muster/core';
import { textOf } from '../../http/body.ts';
import type { MessageJson } from '../proto/messageJson.ts';

/**
 * Merges the fields of an HTTP request's parts into one message. A field of the path may be repeated with the same value.
 *
 * @throws InputError for a field that the message lacks, or that has two different values
 */
export function mergeRequest(
  desc: DescMessage,
  parts: { path: MessageJson; query: MessageJson; body: MessageJson },
): MessageJson {
  const merged: Record<string, unknown> = { ...parts.path };
  for (const [name, value] of [...Object.entries(parts.query), ...Object.entries(parts.body)]) {
    if (!desc.fields.some((field) => field.name === name)) {
      throw badUserInput(
        [name],
        `expected one of ${desc.fields.map((field) => field.name).join(', ')}; got another field`,
      );
    }
    if (merged[name] !== undefined && Object.hasOwn(parts.path, name) && merged[name] !== value) {
      throw badUserInput([name], `expected ${describe(merged[name])}, as in the path; got ${describe(value)}`);
    }
    merged[name] = value;
  }
  return merged;
}

/**
 * Parses a URL's parameters into fields: scalars as text, lists repeated or between commas, messages as JSON.
 *
 * @throws InputError for a value that the field can't have
 */
export function parseQuery(desc: DescMessage, parameters: URLSearchParams): MessageJson {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(names.map((name) => [name, parseField(desc, name, parameters.getAll(name))]));
}

function parseField(desc: DescMessage, name: string, texts: readonly string[]): unknown {
  const field = desc.fields.find((each) => each.name === name);
  if (field?.fieldKind === 'list' && field.listKind === 'scalar') return texts.flatMap((text) => text.split(','));
  const [text = '', ...more] = texts;
  if (more.length > 0) throw badUserInput([name], `expected one value; got ${texts.length}`);
  return field ? parseSingle(field, name, text) : text;
}

function parseSingle(field: DescField, name: string, text: string): unknown {
  if (field.fieldKind === 'message' || field.fieldKind === 'list') return parseJson(name, text);
  if (field.fieldKind !== 'scalar') return text;
  if (field.scalar === ScalarType.BOOL) {
    const lower = text.toLowerCase();
    if (lower !== 'true' && lower !== 'false') {
      throw badUserInput([name], `expected true or false; got ${describe(text)}`);
    }
    return lower === 'true';
  }
  if (field.scalar === ScalarType.STRING) return text;
  const number = Number(text);
  if (text.trim() === '' || Number.isNaN(number))
    throw badUserInput([name], `expected a number; got ${describe(text)}`);
  return number;
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badUserInput([name], `expected JSON; got ${describe(text)}`);
  }
}

function parseText(bytes: Buffer): string {
  try {
    return textOf(bytes);
  } catch {
    throw badUserInput(['body'], 'expected text in UTF-8; got other bytes');
  }
}

/** Parses a body into fields; an empty body has none. @throws InputError for anything but a JSON object */
export function parseBody(body: Buffer): MessageJson {
  if (body.length === 0) return {};
  const parsed = parseJson('body', parseText(body));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw badUserInput(['body'], `expected a JSON object; got ${describe(parsed)}`);
  }
  return parsed as MessageJson;
}
