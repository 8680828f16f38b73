import json, os, random, sys, time, urllib.error, urllib.request
from http.client import HTTPException

URL, TOKEN = os.environ["MUSTER_URL"] + "/graphql", os.environ["MUSTER_TOKEN"]


class Refused(Exception):
    """A refusal. Its code, and never its message, says what to do."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["extensions"]["code"]


def send(query, variables, accept):
    headers = {"authorization": "Bearer " + TOKEN, "content-type": "application/json", "accept": accept}
    body = json.dumps({"query": query, "variables": variables}).encode()
    # A stream has a comment every 12 s: one that is silent for longer is dead.
    return urllib.request.urlopen(urllib.request.Request(URL, body, headers), timeout=30)


def data_of(result):
    if result.get("errors"):
        raise Refused(result["errors"][0])
    return result["data"]


def ask(query, **variables):
    """The data of a query or a mutation."""
    try:
        with send(query, variables, "application/json") as response:
            return data_of(json.load(response))
    except urllib.error.HTTPError as error:
        return data_of(json.load(error))


def changes(after=None):
    """Each change of a plugin's state, once and in order, whatever breaks."""
    query = "subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor from to plugin { id } } }"
    tries = 0
    while True:
        try:
            with send(query, {"after": after}, "text/event-stream") as response:
                for line in response:
                    if line.startswith(b"data: "):
                        change = data_of(json.loads(line[6:]))["pluginStateChanged"]
                        yield change
                        after, tries = change["cursor"], 0
        except Refused as refusal:
            if refusal.code not in ("SLOW_CONSUMER", "UNAVAILABLE", "RATE_LIMITED"):
                raise
        except (OSError, HTTPException):
            pass  # The server is away.
        time.sleep(random.uniform(0, min(10, 0.25 * 2**tries)))
        tries += 1


if __name__ == "__main__":
    print(json.dumps(ask("{ supervisors { totalCount } }")), flush=True)
    for change in changes(*sys.argv[1:]):
        print(json.dumps(change), flush=True)
