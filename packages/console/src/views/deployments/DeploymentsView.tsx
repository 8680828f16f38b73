import { Layers, Plus } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { ChoiceFilter, FilterBar } from '../../ui/Filters.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { wordOf } from '../../ui/states.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { CreateDialog } from './CreateDialog.tsx';
import { deploymentColumns } from './deploymentColumns.tsx';
import {
  type DeploymentQuery,
  deploymentConditionNames,
  deploymentFilter,
  deploymentOrder,
  deploymentParts,
} from './deploymentQuery.ts';
import { deploymentListSource } from './deploymentSource.ts';
import './deployments.css';

const refreshMs = 2_000;

/** The standing wishes: which plugin is to be where, from now on. */
export function DeploymentsView() {
  const services = useServices();
  const { dialogs } = services;
  const mayOperate = useMayOperate();
  const url = useQuery(deploymentParts);
  const { query } = url;
  const tick = useChangeTick(refreshMs);
  const source = useMemo(
    () =>
      deploymentListSource(services, tick, {
        filter: deploymentFilter(query),
        orderBy: deploymentOrder(query),
        ...pageVariables(query.page),
      }),
    [services, tick, query],
  );
  const list = useTickedList(source);
  return (
    <Page
      title="Deployments"
      about="Which plugin is to be on which supervisors, from now on."
      actions={
        mayOperate && (
          <Button kind="primary" icon={Plus} onClick={() => dialogs.show((close) => <CreateDialog onClose={close} />)}>
            Create a deployment
          </Button>
        )
      }
    >
      <FilterBar
        search={query.q}
        searches="Name, plugin or id"
        onSearch={(q) => url.change({ q })}
        isSet={url.isSet}
        onClear={url.clear}
      >
        <ChoiceFilter
          label="Not whole because"
          options={deploymentConditionNames.map((value) => ({ value, label: wordOf(value) }))}
          chosen={query.condition}
          onChange={(condition) => url.change({ condition })}
        />
      </FilterBar>
      <ListBar list={list} what="deployments" paging={query.page} onPage={(page) => url.change({ page })} />
      <LiveTable<DeploymentRowFragment>
        caption="Deployments"
        list={list}
        columns={deploymentColumns}
        sort={{ sorting: query.sort, onSort: (sort) => url.change({ sort: sort as DeploymentQuery['sort'] }) }}
        empty={
          <NoRows what="deployment" icon={Layers} isFiltered={url.isSet} onClear={url.clear}>
            Create one: the plugin is then installed wherever it should be, also on supervisors that come later.
          </NoRows>
        }
      />
    </Page>
  );
}
