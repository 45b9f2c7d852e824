#!/usr/bin/env python3
"""The house rules of the deployment, as a check: template.yaml and infra/*.yaml against each other, against the watch
router table in Cargo.toml, the crates in functions/ and the files in events/.

cfn-lint says whether CloudFormation would take the templates; this says whether they keep our promises. Absent: whether
a role allows the calls its function makes to the tables, which the local system sees to (infra/local/src/role.rs), and
whether it allows more than that.
"""

import json
import pathlib
import re
import sys
import tomllib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
VISIBILITY_PER_TIMEOUT = 6  # AWS's advice for SQS event source mappings
RECEIVES_MAX = 5
SOCKET_SECONDS_MAX = 7_200  # API Gateway closes a WebSocket after two hours
WILD_RESOURCES_ALLOWED: set[str] = set()  # actions that AWS offers without resources; none so far
HTTP_ROUTES_MAX = 300  # API Gateway's limit for one HTTP API

# An environment variable and the statement of the role without which it is of no use.
ENV_NEEDS = {
    "QUEUE_PAYMENTS_URL": ("Send", "${Queues}-payments"),
    "QUEUE_REFUNDS_URL": ("Send", "${Queues}-refunds"),
    "QUEUE_NOTIFICATIONS_URL": ("Send", "${Queues}-notifications"),
    "MEDIA_BUCKET": ("Media", "${MediaBucketArn}/*"),
    "WS_ENDPOINT": ("Post", "${Sockets}/*/@connections/*"),
}

# Every trigger and its events; the value is what such a file must contain to be one.
EVENTS = {
    "http-": lambda e: e["version"] == "2.0" and e["requestContext"]["http"]["method"],
    "websocket-": lambda e: e["requestContext"]["connectionId"] and e["requestContext"]["eventType"],
    "sqs-": lambda e: all(r["eventSource"] == "aws:sqs" and r["md5OfBody"] for r in e["Records"]),
    "stream-": lambda e: all(r["eventSource"] == "aws:dynamodb" and r["dynamodb"]["Keys"] for r in e["Records"]),
    "schedule": lambda e: e["detail-type"] == "Scheduled Event",
}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags: `!Ref X` becomes {"Ref": "X"}, `!Sub X` {"Fn::Sub": "X"}, and so on."""


def _tag(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _tag)


def read(path):
    return yaml.load((ROOT / path).read_text(), Loader)  # a SafeLoader with tags that build plain values


def of_type(template, kind):
    return {name: r for name, r in template["Resources"].items() if isinstance(r, dict) and r.get("Type") == kind}


def listed(value):
    return value if isinstance(value, list) else [value]


def text(value):
    """What a Ref, Sub or plain string says, with `${Name}` for a Ref."""
    if isinstance(value, dict):
        return value.get("Fn::Sub") or "${" + str(value.get("Ref")) + "}"
    return str(value)


class Deployment:
    """Everything the rules look at, read once."""

    def __init__(self):
        self.root = read("template.yaml")
        self.data = read("infra/data.yaml")
        self.queue = read("infra/queue.yaml")
        self.roles = read("infra/roles.yaml")
        self.alarms = read("infra/alarms.yaml")
        self.router = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["metadata"]["lambda"]["watch"]["router"]
        self.crates = {p.parent.name for p in ROOT.glob("functions/*/Cargo.toml")}
        self.mains = {p.parent.parent.name: p.read_text() for p in ROOT.glob("functions/*/src/main.rs")}
        self.events = {p.name: json.loads(p.read_text()) for p in ROOT.glob("events/*.json")}

    def functions(self):
        """Lambda name without the prefix → (logical id, resource)."""
        found = {}
        for logical, resource in of_type(self.root, "AWS::Serverless::Function").items():
            name = text(resource["Properties"].get("FunctionName", "")).removeprefix("${Prefix}-")
            found[name] = (logical, resource)
        return found

    def statements(self, logical):
        role = of_type(self.roles, "AWS::IAM::Role").get(logical)
        policies = role["Properties"]["Policies"] if role else []
        return [s for p in policies for s in p["PolicyDocument"]["Statement"]]


def every_crate_is_deployed_and_nothing_else(d):
    for name in sorted(d.crates ^ set(d.functions())):
        yield f"{name}: {'a crate, but no function of the template' if name in d.crates else 'a function of the template, but no crate'}"


def every_function_has_its_own_binary_role_and_log(d):
    logs = of_type(d.root, "AWS::Logs::LogGroup")
    roles = {}
    for name, (logical, resource) in d.functions().items():
        p = resource["Properties"]
        if p.get("CodeUri") != f"target/lambda/{name}/" or not resource.get("Metadata", {}).get("SkipBuild"):
            yield f"{name}: CodeUri must be target/lambda/{name}/, with SkipBuild"
        role = p.get("Role", {}).get("Fn::GetAtt", ["", ""])[1].removeprefix("Outputs.")
        roles.setdefault(role, []).append(name)
        if role != logical or not d.statements(role):
            yield f"{name}: no role of its own in infra/roles.yaml"
        log = logs.get(p.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref"), {}).get("Properties", {})
        if text(log.get("LogGroupName", "")) != f"/aws/lambda/${{Prefix}}-{name}" or "RetentionInDays" not in log:
            yield f"{name}: no log group of its own with a retention"
    for role, users in roles.items():
        if len(users) > 1:
            yield f"{role}: one role for {', '.join(users)}"


def alarmed(d):
    """What is watched: (metric, the name without the prefix)."""
    for alarm in of_type(d.alarms, "AWS::CloudWatch::Alarm").values():
        p = alarm["Properties"]
        for dimension in p.get("Dimensions", []):
            yield p["MetricName"], text(dimension["Value"]).removeprefix("${Prefix}-")


def every_function_has_alarms(d):
    wanted = {(metric, name) for name in d.functions() for metric in ("Errors", "Throttles")}
    for name, _, _ in events_of(d, "DynamoDB"):
        wanted |= {("IteratorAge", name), ("ApproximateNumberOfMessagesVisible", f"{name}-dlq")}
    for metric, name in sorted(wanted - set(alarmed(d))):
        yield f"{name}: no alarm on {metric} in infra/alarms.yaml"
    for metric, name in sorted(set(alarmed(d)) - wanted):
        if metric in ("Errors", "Throttles", "IteratorAge"):
            yield f"{name}: an alarm on {metric} in infra/alarms.yaml, but nothing that has it"


def no_role_allows_everything(d):
    for logical in of_type(d.roles, "AWS::IAM::Role"):
        for s in d.statements(logical):
            for action in listed(s["Action"]):
                if "*" in action or action == "dynamodb:Scan":
                    yield f"{logical}.{s['Sid']}: allows {action}"
            if "*" in listed(s["Resource"]) and not set(listed(s["Action"])) <= WILD_RESOURCES_ALLOWED:
                yield f"{logical}.{s['Sid']}: on every resource"


def roles_name_tables_and_indexes_that_exist(d):
    indexed = {}
    for table in of_type(d.data, "AWS::DynamoDB::Table").values():
        p = table["Properties"]
        indexed[text(p["TableName"]).removeprefix("${Prefix}-")] = "GlobalSecondaryIndexes" in p
    for logical in of_type(d.roles, "AWS::IAM::Role"):
        for s in d.statements(logical):
            for resource in map(text, listed(s["Resource"])):
                found = re.fullmatch(r"\$\{Tables\}-([a-z_]+)(/index/\*|/stream/\*)?", resource)
                if resource.startswith("${Tables}") and (not found or found[1] not in indexed):
                    yield f"{logical}.{s['Sid']}: no such table: {resource}"
                elif found and found[2] == "/index/*" and not indexed[found[1]]:
                    yield f"{logical}.{s['Sid']}: that table has no index: {resource}"


def every_index_has_its_own_string_keys(d):
    for logical, table in of_type(d.data, "AWS::DynamoDB::Table").items():
        p = table["Properties"]
        kinds = {a["AttributeName"]: a["AttributeType"] for a in p["AttributeDefinitions"]}
        wanted = {"pk", "sk"}
        for index in p.get("GlobalSecondaryIndexes", []):
            keys = [k["AttributeName"] for k in index["KeySchema"]]
            wanted |= set(keys)
            if keys != [f"{index['IndexName']}_pk", f"{index['IndexName']}_sk"] or index["Projection"]["ProjectionType"] != "ALL":
                yield f"{logical}: index {index['IndexName']} must have the keys X_pk and X_sk and project all"
        if set(kinds) != wanted or set(kinds.values()) != {"S"}:
            yield f"{logical}: its attributes must be its keys, all strings"


def the_environment_and_the_role_agree(d):
    for name, (logical, resource) in d.functions().items():
        env = resource["Properties"].get("Environment", {}).get("Variables", {})
        allowed = {(s["Sid"], r) for s in d.statements(logical) for r in map(text, listed(s["Resource"]))}
        for variable, need in ENV_NEEDS.items():
            if (variable in env) != (need in allowed):
                yield f"{name}: {variable} and the role's {need[0]} on {need[1]} must come together"
        if ("MAIL_FROM" in env) != any(sid == "Mail" for sid, _ in allowed):
            yield f"{name}: MAIL_FROM and the role's Mail must come together"


def routes_of_the_template(d):
    """Path in the watch table's spelling → logical id of the function."""
    integrations = {
        name: r["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
        for name, r in of_type(d.root, "AWS::ApiGatewayV2::Integration").items()
        if r["Properties"]["ApiId"] == {"Ref": "HttpApi"}
    }
    for route in of_type(d.root, "AWS::ApiGatewayV2::Route").values():
        p = route["Properties"]
        if p["ApiId"] == {"Ref": "HttpApi"}:
            method, path = p["RouteKey"].split(" ", 1)
            target = re.fullmatch(r"integrations/\$\{(\w+)\}", text(p["Target"]))[1]
            yield method, path.replace("{proxy+}", "{*rest}"), integrations[target]


def the_routes_are_those_of_the_watch_table(d):
    names = {logical: name for name, (logical, _) in d.functions().items()}
    routes = {}
    for method, path, logical in routes_of_the_template(d):
        if method != "ANY":
            yield f"{method} {path}: a route must be ANY, the routers answer methods and preflight"
        routes[path] = names.get(logical, logical)
    for path in sorted(routes.keys() | d.router.keys()):
        if routes.get(path) != d.router.get(path):
            yield f"{path}: {routes.get(path)} in template.yaml, {d.router.get(path)} in Cargo.toml's watch router"
    if len(routes) > HTTP_ROUTES_MAX:
        yield f"{len(routes)} routes: an HTTP API takes {HTTP_ROUTES_MAX}"
    for path, name in routes.items():
        if path.endswith("/{*rest}") and routes.get(path.removesuffix("/{*rest}")) != name:
            yield f"{path}: without its base path"


def the_http_api_leaves_preflight_to_the_routers(d):
    if "CorsConfiguration" in d.root["Resources"]["HttpApi"]["Properties"]:
        yield "HttpApi: CorsConfiguration takes preflight from the routers"


def sockets_have_their_three_routes(d):
    keys = {r["Properties"]["RouteKey"] for r in of_type(d.root, "AWS::ApiGatewayV2::Route").values()
            if r["Properties"]["ApiId"] == {"Ref": "WebSocketApi"}}
    if keys != {"$connect", "$default", "$disconnect"}:
        yield f"WebSocketApi: its routes are {sorted(keys)}"


def events_of(d, kind):
    for name, (logical, resource) in d.functions().items():
        for event in resource["Properties"].get("Events", {}).values():
            if event["Type"] == kind:
                yield name, resource["Properties"], event["Properties"]


def queue_readers_fail_one_message_at_a_time(d):
    for name, p, event in events_of(d, "SQS"):
        if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: without ReportBatchItemFailures one bad message fails its batch"
        queue = d.root["Resources"][event["Queue"]["Fn::GetAtt"][0]]["Properties"]["Parameters"]
        if int(queue["VisibilityTimeoutSeconds"]) != VISIBILITY_PER_TIMEOUT * p["Timeout"]:
            yield f"{name}: its queue's visibility timeout must be {VISIBILITY_PER_TIMEOUT} times its {p['Timeout']} s"
    if d.queue["Parameters"]["MaxReceiveCount"]["Default"] != RECEIVES_MAX:
        yield f"queue.yaml: a message is tried {RECEIVES_MAX} times"


def stream_readers_fail_one_record_at_a_time(d):
    for name, _, event in events_of(d, "DynamoDB"):
        if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"] or not event.get("BisectBatchOnFunctionError"):
            yield f"{name}: needs ReportBatchItemFailures and BisectBatchOnFunctionError"
        target = event.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", {}).get("Fn::GetAtt", [""])[0]
        queue = d.root["Resources"].get(target, {})
        if queue.get("Type") != "AWS::SQS::Queue" or text(queue["Properties"]["QueueName"]) != f"${{Prefix}}-{name}-dlq":
            yield f"{name}: what it gives up must go to a queue of its own, -{name}-dlq"


def sockets_miss_nothing(d):
    """`fanout` retries without end, and gives up only what no open socket can be waiting for."""
    for name, p, event in events_of(d, "DynamoDB"):
        if "WS_ENDPOINT" in p.get("Environment", {}).get("Variables", {}):
            if event.get("MaximumRetryAttempts") != -1 or event.get("MaximumRecordAgeInSeconds", 0) <= SOCKET_SECONDS_MAX:
                yield f"{name}: gives a record up while a socket may wait for it"
            if event.get("ParallelizationFactor", 1) != 1:
                yield f"{name}: works on the events of a channel side by side"


# What main.rs asks for, and the environment variables of which it needs at least one.
PORTS = {
    "boot.queue()": {"QUEUE_PAYMENTS_URL", "QUEUE_REFUNDS_URL", "QUEUE_NOTIFICATIONS_URL"},
    "boot.blobs()": {"MEDIA_BUCKET"},
    "boot.sockets()": {"WS_ENDPOINT"},
    "boot.mailer()": {"MAIL_FROM"},
    "Stripe::from_env()": {"STRIPE_SECRET_KEY"},
}


def the_environment_is_what_main_asks_for(d):
    for name, (_, resource) in d.functions().items():
        env = resource["Properties"].get("Environment", {}).get("Variables", {})
        for call, variables in PORTS.items():
            asks, given = call in d.mains.get(name, ""), bool(variables & set(env))
            if asks and not given:
                yield f"{name}: main.rs calls {call}, but nothing of {', '.join(sorted(variables))} is set"
            if given and not asks:
                yield f"{name}: {', '.join(sorted(variables & set(env)))} is set, but main.rs does not call {call}"


def every_trigger_has_an_event(d):
    queues = {text(event["Queue"]["Fn::GetAtt"][0]).removesuffix("Queue").lower() for _, _, event in events_of(d, "SQS")}
    streams = {re.sub(r"(?<!^)(?=[A-Z])", "_", event["Stream"]["Fn::GetAtt"][1].removeprefix("Outputs.").removesuffix("StreamArn")).lower()
               for _, _, event in events_of(d, "DynamoDB")}
    wanted = {f"sqs-{q}.json" for q in queues} | {f"stream-{s}.json" for s in streams} | {"schedule.json"}
    wanted |= {f"websocket-{w}.json" for w in ("connect", "message", "disconnect")} | {"http-health.json"}
    for name in sorted(wanted - d.events.keys()):
        yield f"events/{name}: missing"
    for name, event in d.events.items():
        check = next((c for prefix, c in EVENTS.items() if name.startswith(prefix)), None)
        try:
            genuine = check is not None and bool(check(event))
        except (KeyError, TypeError):
            genuine = False
        if not genuine:
            yield f"events/{name}: not an event as AWS sends it"


RULES = [
    every_crate_is_deployed_and_nothing_else,
    every_function_has_its_own_binary_role_and_log,
    every_function_has_alarms,
    no_role_allows_everything,
    roles_name_tables_and_indexes_that_exist,
    every_index_has_its_own_string_keys,
    the_environment_and_the_role_agree,
    the_environment_is_what_main_asks_for,
    the_routes_are_those_of_the_watch_table,
    the_http_api_leaves_preflight_to_the_routers,
    sockets_have_their_three_routes,
    queue_readers_fail_one_message_at_a_time,
    stream_readers_fail_one_record_at_a_time,
    sockets_miss_nothing,
    every_trigger_has_an_event,
]


def broken(deployment):
    return [f"{rule.__name__}: {line}" for rule in RULES for line in rule(deployment)]


def main():
    lines = broken(Deployment())
    for line in lines:
        print(line, file=sys.stderr)
    print(f"template rules: {len(RULES)} held" if not lines else f"template rules: {len(lines)} things wrong")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
