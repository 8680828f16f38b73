import { badUserInput } from '@muster/core';
import type { Method, Verb } from '../methods/methods.ts';
import type { MessageJson } from '../proto/messageJson.ts';

export interface Router {
  /** What a path leads to: methods by verb, and the fields that the path gives. Undefined where it leads nowhere. */
  find(pathname: string): { methods: ReadonlyMap<string, Method>; fields: MessageJson } | undefined;
}

/** Finds methods by their routes' paths. */
export function createRouter(methods: readonly Method[]): Router {
  const places = new Map<string, { segments: string[]; methods: Map<Verb, Method> }>();
  for (const method of methods) {
    for (const { verb, path } of method.routes) {
      const place = places.get(path) ?? { segments: path.split('/'), methods: new Map() };
      places.set(path, place);
      place.methods.set(verb, method);
    }
  }
  return {
    find: (pathname) => {
      const given = pathname.split('/');
      for (const place of places.values()) {
        if (leadsTo(given, place.segments)) return { methods: place.methods, fields: fieldsOf(given, place.segments) };
      }
      return undefined;
    },
  };
}

const isField = (segment: string) => segment.startsWith('{');

function leadsTo(given: readonly string[], segments: readonly string[]): boolean {
  return (
    given.length === segments.length &&
    segments.every((segment, i) => (isField(segment) ? given[i] !== '' : segment === given[i]))
  );
}

function fieldsOf(given: readonly string[], segments: readonly string[]): MessageJson {
  const fields = segments.flatMap((segment, i) =>
    isField(segment) ? [[segment.slice(1, -1), decode(given[i] ?? '')]] : [],
  );
  return Object.fromEntries(fields);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badUserInput(['path'], 'expected UTF-8 in percent-encoding; got other bytes');
  }
}
