import { badUserInput } from '@muster/core';
import type { Method, Verb } from '../methods/methods.ts';
import type { MessageJson } from '../proto/messageJson.ts';

/** The routes of REST. */
export interface Router {
  /** The methods that a path leads to, by verb, and the fields in the path; undefined where no route has the path. */
  find(pathname: string): { methods: ReadonlyMap<string, Method>; fields: MessageJson } | undefined;
}

/** Builds the router of these methods' routes. */
export function createRouter(served: readonly Method[]): Router {
  const paths = new Map<string, { segments: string[]; methods: Map<Verb, Method> }>();
  for (const method of served) {
    for (const { verb, path } of method.routes) {
      const found = paths.get(path) ?? { segments: path.split('/'), methods: new Map() };
      paths.set(path, found);
      found.methods.set(verb, method);
    }
  }
  return {
    find: (pathname) => {
      const given = pathname.split('/');
      for (const { segments, methods } of paths.values()) {
        if (matches(given, segments)) return { methods, fields: pathFields(given, segments) };
      }
      return undefined;
    },
  };
}

const isField = (segment: string) => segment.startsWith('{');

function matches(given: readonly string[], segments: readonly string[]): boolean {
  return (
    given.length === segments.length &&
    segments.every((segment, i) => (isField(segment) ? given[i] !== '' : segment === given[i]))
  );
}

function pathFields(given: readonly string[], segments: readonly string[]): MessageJson {
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
