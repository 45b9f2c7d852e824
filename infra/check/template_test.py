"""Each rule of template.py finds the one thing it is for: the real deployment is broken in one place, the rule must say so."""

import copy
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import template  # noqa: E402


class Teeth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.real = template.Deployment()
        cls.real.crates = set(cls.real.functions())

    def setUp(self):
        self.d = copy.deepcopy(self.real)

    def function(self, logical):
        return self.d.root["Resources"][logical]["Properties"]

    def finds(self, rule, what):
        found = list(rule(self.d))
        self.assertTrue(any(what in line for line in found), f"{rule.__name__} said {found}")
        self.assertEqual([], list(rule(self.real)), "and the real one keeps the rule")

    def test_a_crate_without_a_function_is_found(self):
        self.d.crates.add("reviews")
        self.finds(template.every_crate_is_deployed_and_nothing_else, "reviews: a crate")

    def test_a_function_without_a_crate_is_found(self):
        self.d.crates.remove("auth")
        self.finds(template.every_crate_is_deployed_and_nothing_else, "auth: a function")

    def test_a_role_for_two_functions_is_found(self):
        self.function("Users")["Role"] = self.function("Auth")["Role"]
        self.finds(template.every_function_has_its_own_binary_role_and_log, "one role for auth, users")

    def test_a_function_without_its_log_group_is_found(self):
        del self.d.root["Resources"]["UsersLog"]["Properties"]["RetentionInDays"]
        self.finds(template.every_function_has_its_own_binary_role_and_log, "users: no log group")

    def test_another_functions_binary_is_found(self):
        self.function("Users")["CodeUri"] = "target/lambda/auth/"
        self.finds(template.every_function_has_its_own_binary_role_and_log, "users: CodeUri")

    def test_a_function_without_alarms_is_found(self):
        for alarm in ("UsersThrottles", "FanoutBehind", "FanoutGaveUp"):
            del self.d.alarms["Resources"][alarm]
        for missing in ("users: no alarm on Throttles", "fanout: no alarm on IteratorAge", "fanout-dlq: no alarm"):
            self.finds(template.every_function_has_alarms, missing)

    def test_an_alarm_on_a_function_that_is_gone_is_found(self):
        del self.d.root["Resources"]["Users"]
        self.finds(template.every_function_has_alarms, "users: an alarm on Errors")

    def test_an_action_or_a_resource_for_everything_is_found(self):
        statements = self.d.statements("Auth")
        statements[0]["Action"], statements[1]["Resource"] = "logs:*", "*"
        self.finds(template.no_role_allows_everything, "Auth.Log: allows logs:*")
        self.finds(template.no_role_allows_everything, "Auth.Write: on every resource")

    def test_a_scan_is_found(self):
        self.d.statements("Auth")[1]["Action"].append("dynamodb:Scan")
        self.finds(template.no_role_allows_everything, "dynamodb:Scan")

    def test_a_table_that_does_not_exist_is_found(self):
        self.d.statements("Auth")[1]["Resource"].append({"Fn::Sub": "${Tables}-user"})
        self.finds(template.roles_name_tables_and_indexes_that_exist, "no such table")

    def test_an_index_that_does_not_exist_is_found(self):
        self.d.statements("Bookings")[1]["Resource"].append({"Fn::Sub": "${Tables}-calendar/index/*"})
        self.finds(template.roles_name_tables_and_indexes_that_exist, "no index")

    def test_an_index_with_other_keys_is_found(self):
        self.d.data["Resources"]["Users"]["Properties"]["GlobalSecondaryIndexes"][0]["IndexName"] = "by_rank"
        self.finds(template.every_index_has_its_own_string_keys, "by_rank")

    def test_an_environment_without_the_permission_is_found(self):
        self.function("Users")["Environment"]["Variables"]["QUEUE_REFUNDS_URL"] = "x"
        self.finds(template.the_environment_and_the_role_agree, "users: QUEUE_REFUNDS_URL")

    def test_a_permission_without_the_environment_is_found(self):
        del self.function("WorkerNotifications")["Environment"]["Variables"]["MAIL_FROM"]
        self.finds(template.the_environment_and_the_role_agree, "worker-notifications: MAIL_FROM")

    def test_a_route_that_the_watch_table_lacks_is_found(self):
        del self.d.router["/docs"]
        self.finds(template.the_routes_are_those_of_the_watch_table, "/docs: platform")

    def test_a_route_to_another_function_is_found(self):
        self.d.router["/api/v1/users"] = "auth"
        self.finds(template.the_routes_are_those_of_the_watch_table, "/api/v1/users: users")

    def test_a_route_for_one_method_is_found(self):
        self.d.root["Resources"]["UsersRoute"]["Properties"]["RouteKey"] = "GET /api/v1/users"
        self.finds(template.the_routes_are_those_of_the_watch_table, "GET /api/v1/users")

    def test_cors_at_the_gateway_is_found(self):
        self.d.root["Resources"]["HttpApi"]["Properties"]["CorsConfiguration"] = {}
        self.finds(template.the_http_api_leaves_preflight_to_the_routers, "CorsConfiguration")

    def test_a_missing_socket_route_is_found(self):
        del self.d.root["Resources"]["WebsocketDisconnectRoute"]
        self.finds(template.sockets_have_their_three_routes, "$connect")

    def test_a_visibility_timeout_that_is_too_short_is_found(self):
        self.function("WorkerRefunds")["Timeout"] = 60
        self.finds(template.queue_readers_fail_one_message_at_a_time, "worker-refunds: its queue")

    def test_a_batch_that_fails_as_a_whole_is_found(self):
        del self.function("WorkerPayments")["Events"]["Queue"]["Properties"]["FunctionResponseTypes"]
        self.finds(template.queue_readers_fail_one_message_at_a_time, "worker-payments")
        self.function("Fanout")["Events"]["Messages"]["Properties"]["BisectBatchOnFunctionError"] = False
        self.finds(template.stream_readers_fail_one_record_at_a_time, "fanout: needs")

    def test_a_stream_reader_that_drops_what_it_gives_up_is_found(self):
        del self.function("Stream")["Events"]["Venues"]["Properties"]["DestinationConfig"]
        self.finds(template.stream_readers_fail_one_record_at_a_time, "stream: what it gives up")

    def test_a_sockets_record_that_is_given_up_too_early_is_found(self):
        self.function("Fanout")["Events"]["Messages"]["Properties"]["MaximumRetryAttempts"] = 10
        self.finds(template.sockets_miss_nothing, "fanout: gives a record up")

    def test_events_of_a_channel_that_are_worked_on_side_by_side_are_found(self):
        self.function("Fanout")["Events"]["Messages"]["Properties"]["ParallelizationFactor"] = 10
        self.finds(template.sockets_miss_nothing, "fanout: works on the events")

    def test_a_port_that_the_environment_does_not_serve_is_found(self):
        del self.function("Stream")["Environment"]["Variables"]["QUEUE_REFUNDS_URL"]
        del self.function("Stream")["Environment"]["Variables"]["QUEUE_NOTIFICATIONS_URL"]
        self.finds(template.the_environment_is_what_main_asks_for, "stream: main.rs calls boot.queue()")

    def test_a_variable_that_nobody_reads_is_found(self):
        self.function("Users")["Environment"]["Variables"]["MEDIA_BUCKET"] = "media"
        self.finds(template.the_environment_is_what_main_asks_for, "users: MEDIA_BUCKET is set")

    def test_a_trigger_without_an_event_is_found(self):
        del self.d.events["sqs-refunds.json"]
        self.finds(template.every_trigger_has_an_event, "sqs-refunds.json: missing")

    def test_an_event_that_aws_would_not_send_is_found(self):
        del self.d.events["stream-messages.json"]["Records"][0]["dynamodb"]["Keys"]
        self.finds(template.every_trigger_has_an_event, "stream-messages.json: not an event")


if __name__ == "__main__":
    unittest.main()
