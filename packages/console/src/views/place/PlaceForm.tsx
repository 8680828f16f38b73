import { Search } from 'lucide';
import { useState } from 'preact/hooks';
import { Button } from '../../ui/Button.tsx';
import { DomainField, useDomain } from '../../ui/DomainField.tsx';
import { Check, Field } from '../../ui/Field.tsx';
import { pairsOf } from '../../ui/pairs.ts';
import type { UrlQuery } from '../../url/useQuery.ts';
import type { PlaceQuery } from './placeQuery.ts';

/** The plugin that is to be placed, and where it may go. */
export function PlaceForm({ url: { query, change } }: { readonly url: UrlQuery<PlaceQuery> }) {
  const domain = useDomain(query.domain);
  const [plugin, setPlugin] = useState(query.plugin);
  const [version, setVersion] = useState(query.version);
  const [labels, setLabels] = useState(query.labels);
  const [allowsPublic, setAllowsPublic] = useState(query.public !== 'no');
  const { problem } = pairsOf(labels);
  return (
    <form
      class="card place-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (problem !== null) return;
        change({
          plugin: plugin.trim(),
          version: version.trim(),
          labels: labels.trim(),
          domain: domain.text,
          public: allowsPublic ? null : 'no',
        });
      }}
    >
      <Field label="Plugin id">
        {(ids) => (
          <input
            {...ids}
            data-search
            required
            spellcheck={false}
            placeholder="plugin-aws-ec2-inven-collector"
            value={plugin}
            onInput={(event) => setPlugin(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="Version">
        {(ids) => (
          <input
            {...ids}
            required
            spellcheck={false}
            placeholder="1.2.3"
            value={version}
            onInput={(event) => setVersion(event.currentTarget.value)}
          />
        )}
      </Field>
      <DomainField domain={domain} />
      <Field label="Labels of the supervisor" hint="One key=value a line; all of them must be there.">
        {(ids) => (
          <textarea
            {...ids}
            rows={2}
            spellcheck={false}
            placeholder="env=prod"
            value={labels}
            onInput={(event) => setLabels(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="place-foot">
        <Check label="Public supervisors of other domains, too" checked={allowsPublic} onChange={setAllowsPublic} />
        {problem && <p class="problem">{problem}</p>}
        <Button type="submit" kind="primary" icon={Search}>
          Explain
        </Button>
      </div>
    </form>
  );
}
