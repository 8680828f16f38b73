import { useState } from 'preact/hooks';
import { useServices } from '../app/services.ts';
import { Field } from './Field.tsx';

/** The domain that something is made in: the viewer's own, or one that an ADMIN of all domains types. */
export interface Domain {
  /** Whether it has to be typed. */
  readonly isOpen: boolean;
  /** What was typed; empty for the viewer's own domain. */
  readonly text: string;
  readonly set: (text: string) => void;
  /** The part of an input that names it: nothing for the viewer's own domain. */
  readonly input: { readonly domainId?: string };
  /** Why it can't be sent; null where it can. */
  readonly problem: string | null;
}

/** @param initial what is typed at first, for an ADMIN of all domains */
export function useDomain(initial = ''): Domain {
  const state = useServices().session.state.value;
  const isOpen = state.kind === 'signed-in' && state.viewer.domainId === null;
  const [typed, set] = useState(initial);
  const text = isOpen ? typed.trim() : '';
  return {
    isOpen,
    text,
    set,
    input: text === '' ? {} : { domainId: text },
    problem: isOpen && text === '' ? 'expected a domain' : null,
  };
}

interface DomainFieldProps {
  readonly domain: Domain;
  readonly hint?: string;
  readonly isRequired?: boolean;
}

/** Asks for the domain where the viewer's credential has none. */
export function DomainField({ domain, hint, isRequired = true }: DomainFieldProps) {
  if (!domain.isOpen) return null;
  return (
    <Field label="Domain" hint={hint}>
      {(ids) => (
        <input
          {...ids}
          required={isRequired}
          spellcheck={false}
          value={domain.text}
          onInput={(event) => domain.set(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
