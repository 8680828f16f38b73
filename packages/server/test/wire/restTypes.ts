export interface paths {
    "/plugin/v1/supervisors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists supervisors, by name unless ordered otherwise. */
        get: operations["list"];
        put?: never;
        /** An agent reports that it lives and what it runs. The first report creates the supervisor, PENDING; each renews its lease. */
        post: operations["publish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a PENDING supervisor ENABLED, as no other method does, and sets its fields in the same step. */
        post: operations["register"];
        /** Deletes a supervisor and its plugins. INSTALLED_PLUGIN_EXISTS while managed plugins remain, unless forced. */
        delete: operations["deregister"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads one supervisor. */
        get: operations["get"];
        /** Changes the fields that operators set, in any state. A field left out stays; in JSON, null clears a field that allows it. */
        put: operations["update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes a registered supervisor ENABLED again; no change where it is ENABLED already. */
        put: operations["enable"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Freezes a registered supervisor: its plugins keep running, and it gets no new ones. */
        put: operations["disable"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}/plugin/{plugin_id}/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reinstalls and restarts a plugin in any state. RECOVER_NOT_SUPPORTED unless the supervisor is ENABLED. */
        post: operations["recover_plugin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisors/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lists supervisors, by name unless ordered otherwise. */
        post: operations["list_by_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisors/stat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Works out statistics of supervisors. */
        post: operations["stat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}/plugins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists plugins, by plugin id unless ordered otherwise. An agent that asks by its hostname alone renews its lease, and gets an empty list where no supervisor has the hostname yet. */
        get: operations["list_plugins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/plugin/v1/supervisor/{supervisor_id}/plugins/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lists plugins, by plugin id unless ordered otherwise. An agent that asks by its hostname alone renews its lease, and gets an empty list where no supervisor has the hostname yet. */
        post: operations["list_plugins_by_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The report of an agent: the agent itself, and all plugins that it runs. */
        PublishSupervisorRequest: {
            /** @description The name that the agent proposes until an operator sets one; 1 to 255 characters. */
            name: string;
            /** @description The host that the agent runs on, which with the domain identifies the agent; 1 to 255 characters. */
            hostname: string;
            /** @description A secret of the agent's. Sent with the publish that creates the supervisor, it must come with every later publish, and with each request of the agent for its own list. */
            secret_key?: string;
            /** @description All plugins that the agent runs, at most 1,000. JSON may leave them out: that is a heartbeat, and no report of plugins. */
            plugin_info?: components["schemas"]["PluginReport"][];
            /** @description Whether the agent proposes to take plugins of other domains too; for an ADMIN only. */
            is_public?: boolean;
            /** @description Proposed labels. Objects are merged, later ones over earlier ones; a text is `key=value`, or a key with an empty value. In JSON it may also be one object. */
            labels?: ({
                [key: string]: unknown;
            } | string)[] | {
                [key: string]: unknown;
            };
            /** @description Proposed tags. At most 64 keys and 16 KiB. */
            tags?: {
                [key: string]: unknown;
            };
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
            /** @description Any text that identifies one run of the agent; the text changes with each start. */
            boot_id?: string;
            /**
             * Format: int32
             * @description Grows with each report of one run, from 1. A report that is no newer than the last one taken changes nothing.
             */
            sequence?: number;
        };
        /** @description One version of one plugin on one supervisor. Of a report only plugin_id, version, state, endpoint, endpoints, message and observed_generation are read. */
        PluginReport: {
            /** @description The plugin's software; 1 to 255 characters. */
            plugin_id: string;
            /** @description The plugin's version; 1 to 255 characters. */
            version: string;
            /** @description The state. */
            state: components["schemas"]["PluginInfo.State"];
            /** @description The address at which the plugin answers; at most 2,048 characters: scheme://host:port of the schemes grpc, grpcs, http, https and tcp, or unix:/path. Empty where there is none yet. */
            endpoint?: string;
            /** @description Whether the control plane wants the plugin there; otherwise the supervisor runs it unasked. */
            managed?: boolean;
            /** @description All addresses of the plugin, at most 64. */
            endpoints?: string[];
            /** @description The domain (tenant) that asked for the plugin. */
            domain_id?: string;
            /** @description The supervisor that runs the plugin. */
            supervisor_id?: string;
            /** @description The name of that supervisor. */
            supervisor_name?: string;
            /** @description The supervisor's last message about the plugin. */
            message?: string;
            /** @description The reason for the plugin's state. */
            reason?: string;
            /**
             * Format: int32
             * @description A number that each recover raises by one.
             */
            generation?: number;
            /**
             * Format: int32
             * @description The generation that the supervisor last reported on; in a report, the generation that it is about.
             */
            observed_generation?: number;
        };
        /**
         * @description `NONE`: No state of any plugin.
         *     `PROVISIONING`: The agent is to install the plugin, or installs it.
         *     `ACTIVE`: The plugin runs.
         *     `RE_PROVISIONING`: The agent is to reinstall the plugin, or reinstalls it.
         *     `ERROR`: The plugin failed.
         * @enum {string}
         */
        "PluginInfo.State": "NONE" | "PROVISIONING" | "ACTIVE" | "RE_PROVISIONING" | "ERROR";
        /** @description A supervisor. */
        SupervisorInfo: {
            /** @description The id: `supervisor-` and 12 hex digits. */
            supervisor_id: string;
            /** @description The name, for people. */
            name: string;
            /** @description The host that the supervisor runs on, unique in its domain. */
            hostname: string;
            /** @description The state. */
            state: components["schemas"]["SupervisorInfo.State"];
            /** @description Whether the supervisor takes plugins of other domains too. */
            is_public: boolean;
            /** @description The labels, which a placement can require. */
            labels: {
                [key: string]: unknown;
            };
            /** @description Notes of any kind; empty on a public supervisor of another domain. */
            tags: {
                [key: string]: unknown;
            };
            /** @description The domain (tenant) that the supervisor belongs to. */
            domain_id: string;
            /** @description The time of the first publish: `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
            created_at: string;
            /** @description The time of the last change; a heartbeat is no change. */
            updated_at: string;
            /**
             * Format: int32
             * @description The priority of the supervisor: plugins are placed on the greatest first.
             */
            priority: number;
            /**
             * Format: int32
             * @description In the answer to publish: the milliseconds to wait until the next publish.
             */
            next_publish_in_ms: number;
            /** @description In the answer to publish: the plugins of the report that were refused; the others were accepted. */
            rejected: components["schemas"]["RejectedPluginInfo"][];
            /** @description In the answer to the publish by which an enrollment key brings a newcomer in: the newcomer's own key, which is shown only here. The agent sends it from then on. */
            api_key_token: string;
        };
        /**
         * @description `NONE`: No state of any supervisor; in a query it stands for all.
         *     `ENABLED`: Registered and alive; it takes plugins.
         *     `DISABLED`: Registered and frozen: it gets no new plugins.
         *     `PENDING`: Reported by its agent and not registered by an operator yet.
         *     `DISCONNECTED`: Not heard from for longer than its lease.
         * @enum {string}
         */
        "SupervisorInfo.State": "NONE" | "ENABLED" | "DISABLED" | "PENDING" | "DISCONNECTED";
        /** @description A plugin, or a field, of a report that was refused. */
        RejectedPluginInfo: {
            /**
             * Format: int32
             * @description The plugin's index in the report, from 0; -1 where a field of the report itself was refused.
             */
            index: number;
            /** @description The reported plugin_id; empty where none could be read. */
            plugin_id: string;
            /** @description The reported version; empty where none could be read. */
            version: string;
            /** @description The error code, of the closed set. */
            code: string;
            /** @description The reason in words: the expected value, and the reported one. */
            message: string;
            /** @description The refused field of the report itself, such as is_public; empty where a plugin was refused. */
            field: string;
        };
        /** @description The fields to set of a supervisor. */
        RegisterSupervisorRequest: {
            /** @description The supervisor's id. */
            supervisor_id?: string;
            /** @description The name, 1 to 255 characters; it can't be cleared. */
            name?: string;
            /** @description Whether the supervisor takes plugins of other domains too; for an ADMIN only. */
            is_public?: boolean | null;
            /**
             * Format: int32
             * @description The priority of the supervisor: plugins are placed on the greatest first.
             */
            priority?: number | null;
            /** @description The labels, which replace all present ones; at most 64 keys and 16 KiB. */
            labels?: {
                [key: string]: unknown;
            } | null;
            /** @description The tags, which replace all present ones; at most 64 keys and 16 KiB. */
            tags?: {
                [key: string]: unknown;
            } | null;
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
        };
        /** @description The supervisor to read, or to send a command to. */
        SupervisorRequest: {
            /** @description The supervisor's id. */
            supervisor_id?: string;
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
            /** @description For get: the fields to answer; all by default. */
            only?: string[];
            /** @description For deregister: whether to delete the supervisor even if managed plugins remain on it. */
            force?: boolean;
        };
        /** @description The plugin to recover. */
        RecoverPluginRequest: {
            /** @description The supervisor that runs the plugin. */
            supervisor_id?: string;
            /** @description The plugin's version. */
            version: string;
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
            /** @description The plugin's software. */
            plugin_id?: string;
        };
        /** @description One version of one plugin on one supervisor. Of a report only plugin_id, version, state, endpoint, endpoints, message and observed_generation are read. */
        PluginInfo: {
            /** @description The plugin's software; 1 to 255 characters. */
            plugin_id: string;
            /** @description The plugin's version; 1 to 255 characters. */
            version: string;
            /** @description The state. */
            state: components["schemas"]["PluginInfo.State"];
            /** @description The address at which the plugin answers; at most 2,048 characters: scheme://host:port of the schemes grpc, grpcs, http, https and tcp, or unix:/path. Empty where there is none yet. */
            endpoint: string;
            /** @description Whether the control plane wants the plugin there; otherwise the supervisor runs it unasked. */
            managed: boolean;
            /** @description All addresses of the plugin, at most 64. */
            endpoints: string[];
            /** @description The domain (tenant) that asked for the plugin. */
            domain_id: string;
            /** @description The supervisor that runs the plugin. */
            supervisor_id: string;
            /** @description The name of that supervisor. */
            supervisor_name: string;
            /** @description The supervisor's last message about the plugin. */
            message: string;
            /** @description The reason for the plugin's state. */
            reason: string;
            /**
             * Format: int32
             * @description A number that each recover raises by one.
             */
            generation: number;
            /**
             * Format: int32
             * @description The generation that the supervisor last reported on; in a report, the generation that it is about.
             */
            observed_generation: number;
        };
        /** @description The conditions, the order and the page of a list. */
        Query: {
            /** @description Conditions that must all hold. */
            filter?: components["schemas"]["Filter"][];
            /** @description Conditions of which one must hold. */
            filter_or?: components["schemas"]["Filter"][];
            /** @description The order. In JSON also a single object, `{key, desc}` or `{keys: [...]}`. */
            sort?: components["schemas"]["Sort"][] | components["schemas"]["Sort"] | {
                keys: components["schemas"]["Sort"][];
            };
            /** @description The part of the results to answer. */
            page?: components["schemas"]["Page"];
            /** @description Whether to answer the main fields alone. */
            minimal?: boolean;
            /** @description Whether to answer the number of rows alone. */
            count_only?: boolean;
            /** @description The fields to answer; all by default. */
            only?: string[];
            /** @description Words of which one must occur in a main field, in upper or lower case. */
            keyword?: string;
            /** @description A list field of which each element makes a result. */
            unwind?: components["schemas"]["Unwind"];
            /** @description Not supported: must be empty. */
            lookup?: unknown[];
            /** @description Not supported: must be empty. */
            add_fields?: {
                [key: string]: unknown;
            };
        };
        /** @description A condition: a key, an operator and a value, each under its long or its short name. */
        Filter: {
            /** @description The field to test; dots lead into labels and tags, as in `labels.env`. */
            key?: string;
            /** @description The same as `key`. */
            k?: string;
            /** @description The value to compare with. */
            value?: unknown;
            /** @description The same as `value`. */
            v?: unknown;
            /** @description The operator, such as `eq`, `in` or `contain`. */
            operator?: string;
            /** @description The same as `operator`. */
            o?: string;
        };
        /** @description A key of an order. */
        Sort: {
            /** @description The field to order by. */
            key: string;
            /** @description Whether the greatest value comes first. */
            desc?: boolean;
        };
        /** @description The part of the results to answer. */
        Page: {
            /**
             * Format: int64
             * @description The number of the first row, from 1.
             */
            start?: number;
            /**
             * Format: int64
             * @description The most rows; 0 for the server's maximum.
             */
            limit?: number;
        };
        /** @description A list field of which each element makes a result. */
        Unwind: {
            /** @description The list field. */
            path: string;
            /** @description Conditions that each result must meet; where one names the list field, its element must. */
            filter?: components["schemas"]["Filter"][];
        };
        /** @description A page of supervisors. */
        SupervisorsInfo: {
            /** @description The results of the page. */
            results: components["schemas"]["SupervisorInfo"][];
            /**
             * Format: int32
             * @description The number of matches on all pages.
             */
            total_count: number;
        };
        /** @description The supervisors to list. */
        SupervisorQuery: {
            /** @description Further conditions, order and page. */
            query?: components["schemas"]["Query"];
            /** @description Only the supervisor with this id. */
            supervisor_id?: string;
            /** @description Only supervisors with this name. */
            name?: string;
            /** @description Only public supervisors; in JSON, false stands for only those that are not. */
            is_public?: boolean;
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
            /** @description Only supervisors with this hostname. */
            hostname?: string;
        };
        /** @description The statistics of supervisors to work out. */
        SupervisorStatQuery: {
            /** @description The stages of the statistics, and the conditions on supervisors. */
            query: components["schemas"]["StatisticsQuery"];
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
        };
        /** @description Conditions, and the statistics to work out: `aggregate` or `distinct` is required. */
        StatisticsQuery: {
            /** @description Conditions that must all hold. */
            filter?: components["schemas"]["Filter"][];
            /** @description Conditions of which one must hold. */
            filter_or?: components["schemas"]["Filter"][];
            /** @description The stages, in their order. */
            aggregate?: components["schemas"]["StatisticsAggregate"][];
            /** @description The part of the results to answer; with a limit the answer has the total too. */
            page?: components["schemas"]["Page"];
            /** @description A field whose distinct values are the results, in order. */
            distinct?: string;
            /** @description Words of which one must occur in a main field, in upper or lower case. */
            keyword?: string;
        };
        /** @description A stage; stages are applied in order. */
        StatisticsAggregate: {
            /** @description Makes a row of each element of a list. */
            unwind?: components["schemas"]["AggregateUnwind"];
            /** @description Groups rows. */
            group?: components["schemas"]["AggregateGroup"];
            /** @description Counts rows. */
            count?: components["schemas"]["AggregateCount"];
            /** @description Orders rows: a list of `{key, desc}`. In JSON also a single object, `{key, desc}` or `{keys: [...]}`. */
            sort?: components["schemas"]["Sort"][] | components["schemas"]["Sort"] | {
                keys: components["schemas"]["Sort"][];
            };
            /** @description Chooses fields. */
            project?: components["schemas"]["AggregateProject"];
            /**
             * Format: int32
             * @description The most rows to keep.
             */
            limit?: number;
            /**
             * Format: int32
             * @description The number of rows to leave out first.
             */
            skip?: number;
        };
        /** @description A stage that makes a row of each element of a list. */
        AggregateUnwind: {
            /** @description The list field. */
            path: string;
            /** @description Conditions that each row it makes must meet; where one names the list field, its element must. */
            filter?: components["schemas"]["Filter"][];
        };
        /** @description A stage that makes one row of all rows with the same keys. */
        AggregateGroup: {
            /** @description The fields to group by. */
            keys?: components["schemas"]["AggregateGroupKey"][];
            /** @description The values to work out. */
            fields?: components["schemas"]["AggregateGroupField"][];
        };
        /** @description A field to group by. */
        AggregateGroupKey: {
            /** @description The field. */
            key?: string;
            /** @description The same as `key`. */
            k?: string;
            /** @description The name in the result. */
            name?: string;
            /** @description The same as `name`. */
            n?: string;
            /** @description For a time: `year`, `month` or `day`, each a number, or a strftime text. */
            date_format?: string;
        };
        /** @description A value to work out of each group. */
        AggregateGroupField: {
            /** @description The field. */
            key?: string;
            /** @description The same as `key`. */
            k?: string;
            /** @description The name in the result. */
            name?: string;
            /** @description The same as `name`. */
            n?: string;
            /** @description The operator: count, sum, average, max, min, first, last, push, add_to_set or merge_objects. */
            operator?: string;
            /** @description The same as `operator`. */
            o?: string;
            /** @description The fields that push and add_to_set collect. */
            fields?: components["schemas"]["AggregateGroupSubField"][];
            /** @description For count, sum and average: the conditions on the rows to take in. */
            conditions?: components["schemas"]["AggregateSubCondition"][];
        };
        /** @description A field of the objects that `push` and `add_to_set` collect. */
        AggregateGroupSubField: {
            /** @description The field. */
            key?: string;
            /** @description The same as `key`. */
            k?: string;
            /** @description The name in the result. */
            name?: string;
            /** @description The same as `name`. */
            n?: string;
        };
        /** @description A condition on the rows that an operator takes in. */
        AggregateSubCondition: {
            /** @description The field. */
            key?: string;
            /** @description The same as `key`. */
            k?: string;
            /** @description The value to compare with. */
            value?: unknown;
            /** @description The same as `value`. */
            v?: unknown;
            /** @description The operator: eq, not, gt, gte, lt or lte. */
            operator?: string;
            /** @description The same as `operator`. */
            o?: string;
        };
        /** @description A stage that counts the rows. */
        AggregateCount: {
            /** @description The name in the result. */
            name: string;
        };
        /** @description A stage that chooses fields. */
        AggregateProject: {
            /** @description The fields. */
            fields?: components["schemas"]["AggregateProjectField"][];
            /** @description Whether to leave the group's keys out. */
            exclude_keys?: boolean;
        };
        /** @description A value of a row, or one that an operator derives from it. */
        AggregateProjectField: {
            /** @description The field. */
            key?: string;
            /** @description The same as `key`. */
            k?: string;
            /** @description The name in the result. */
            name?: string;
            /** @description The same as `name`. */
            n?: string;
            /** @description The operator: size, sum, array_to_object or object_to_array. */
            operator?: string;
            /** @description The same as `operator`. */
            o?: string;
        };
        /**
         * @description `NONE`: Every state.
         *     `PROVISIONING`: The agent is to install the plugin, or installs it.
         *     `ACTIVE`: The plugin runs.
         *     `RE_PROVISIONING`: The agent is to reinstall the plugin, or reinstalls it.
         *     `ERROR`: The plugin failed.
         * @enum {string}
         */
        "PluginQuery.State": "NONE" | "PROVISIONING" | "ACTIVE" | "RE_PROVISIONING" | "ERROR";
        /** @description A page of plugins. */
        PluginsInfo: {
            /** @description The results of the page. */
            results: components["schemas"]["PluginInfo"][];
            /**
             * Format: int32
             * @description The number of matches on all pages.
             */
            total_count: number;
        };
        /** @description The plugins to list. */
        PluginQuery: {
            /** @description Further conditions, order and page. */
            query?: components["schemas"]["Query"];
            /** @description Only plugins on the supervisor with this id. */
            supervisor_id?: string;
            /** @description Only plugins on supervisors with this hostname. */
            hostname?: string;
            /** @description Only plugins of this software. */
            plugin_id?: string;
            /** @description Only plugins of this version. */
            version?: string;
            /** @description Only plugins in this state. */
            state?: components["schemas"]["PluginQuery.State"];
            /** @description Only plugins with this endpoint. */
            endpoint?: string;
            /** @description The domain; that of the credential by default. */
            domain_id?: string;
            /** @description For an agent that lists its own plugins: the secret that its supervisor was created with. A search ignores it. */
            secret_key?: string;
        };
        /** @description Statistics. */
        Statistics: {
            /** @description The values of `distinct`, or the rows of the last stage. */
            results: unknown[];
            /** @description The number of all results; there where `page.limit` is above 0. */
            total_count?: number;
        };
        /** @description A refusal. */
        Error: {
            error: {
                /**
                 * @description The error code, of the closed set.
                 * @enum {string}
                 */
                code: "BAD_USER_INPUT" | "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "SUPERVISOR_STATE" | "PLUGIN_STATE" | "INSTALLED_PLUGIN_EXISTS" | "NO_POSSIBLE_SUPERVISOR" | "RECOVER_NOT_SUPPORTED" | "CURSOR_EXPIRED" | "SLOW_CONSUMER" | "RATE_LIMITED" | "TOO_COMPLEX" | "LIMIT" | "TIMED_OUT" | "UNAVAILABLE" | "INTERNAL_SERVER_ERROR";
                /** @description The reason in words: the expected value, and the given one. */
                message: string;
                /** @description The place of the offending field in the request. */
                path?: (string | number)[];
                /** @description Facts about the refusal, for programs. */
                details?: {
                    [key: string]: unknown;
                };
            };
        };
    };
    responses: {
        /** @description A refusal: BAD_USER_INPUT, TOO_COMPLEX. */
        Refusal400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: UNAUTHENTICATED. */
        Refusal401: {
            headers: {
                /** @description The scheme of credentials: Bearer. */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: FORBIDDEN. */
        Refusal403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: NOT_FOUND. */
        Refusal404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: SUPERVISOR_STATE, PLUGIN_STATE, INSTALLED_PLUGIN_EXISTS, NO_POSSIBLE_SUPERVISOR, RECOVER_NOT_SUPPORTED, LIMIT. */
        Refusal409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: RATE_LIMITED. */
        Refusal429: {
            headers: {
                /** @description The seconds to wait, where waiting helps. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: TIMED_OUT. */
        Refusal504: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: UNAVAILABLE. */
        Refusal503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A refusal: INTERNAL_SERVER_ERROR. */
        Refusal500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The body is too long: BAD_USER_INPUT. */
        Refusal413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The body is no JSON, or in a coding that is not known: BAD_USER_INPUT. */
        Refusal415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list: {
        parameters: {
            query?: {
                /** @description Further conditions, order and page. */
                query?: string;
                /** @description Only the supervisor with this id. */
                supervisor_id?: string;
                /** @description Only supervisors with this name. */
                name?: string;
                /** @description Only public supervisors; in JSON, false stands for only those that are not. */
                is_public?: boolean;
                /** @description The domain; that of the credential by default. */
                domain_id?: string;
                /** @description Only supervisors with this hostname. */
                hostname?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorsInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    publish: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublishSupervisorRequest"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The supervisor's id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RegisterSupervisorRequest"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    deregister: {
        parameters: {
            query?: {
                /** @description The domain; that of the credential by default. */
                domain_id?: string;
                /** @description For get: the fields to answer; all by default. */
                only?: string[];
                /** @description For deregister: whether to delete the supervisor even if managed plugins remain on it. */
                force?: boolean;
            };
            header?: never;
            path: {
                /** @description The supervisor's id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    get: {
        parameters: {
            query?: {
                /** @description The domain; that of the credential by default. */
                domain_id?: string;
                /** @description For get: the fields to answer; all by default. */
                only?: string[];
                /** @description For deregister: whether to delete the supervisor even if managed plugins remain on it. */
                force?: boolean;
            };
            header?: never;
            path: {
                /** @description The supervisor's id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The supervisor's id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RegisterSupervisorRequest"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    enable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The supervisor's id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SupervisorRequest"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    disable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The supervisor's id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SupervisorRequest"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    recover_plugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The supervisor that runs the plugin. */
                supervisor_id: string;
                /** @description The plugin's software. */
                plugin_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecoverPluginRequest"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    list_by_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SupervisorQuery"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupervisorsInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    stat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SupervisorStatQuery"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statistics"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    list_plugins: {
        parameters: {
            query?: {
                /** @description Further conditions, order and page. */
                query?: string;
                /** @description Only plugins on supervisors with this hostname. */
                hostname?: string;
                /** @description Only plugins of this software. */
                plugin_id?: string;
                /** @description Only plugins of this version. */
                version?: string;
                /** @description Only plugins in this state. */
                state?: components["schemas"]["PluginQuery.State"];
                /** @description Only plugins with this endpoint. */
                endpoint?: string;
                /** @description The domain; that of the credential by default. */
                domain_id?: string;
                /** @description For an agent that lists its own plugins: the secret that its supervisor was created with. A search ignores it. */
                secret_key?: string;
            };
            header?: never;
            path: {
                /** @description Only plugins on the supervisor with this id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginsInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
    list_plugins_by_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Only plugins on the supervisor with this id. */
                supervisor_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PluginQuery"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginsInfo"];
                };
            };
            400: components["responses"]["Refusal400"];
            401: components["responses"]["Refusal401"];
            403: components["responses"]["Refusal403"];
            404: components["responses"]["Refusal404"];
            409: components["responses"]["Refusal409"];
            413: components["responses"]["Refusal413"];
            415: components["responses"]["Refusal415"];
            429: components["responses"]["Refusal429"];
            500: components["responses"]["Refusal500"];
            503: components["responses"]["Refusal503"];
            504: components["responses"]["Refusal504"];
        };
    };
}
