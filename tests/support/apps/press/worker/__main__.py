"""Work while the parameter names our side; at SIGTERM end the piece under way, and then exit."""

import http.server
import os
import signal
import sys
import threading
import time
import uuid

import boto3

SIDE = os.environ.get("SIDE", "blue")
FLAW = os.environ.get("FLAW", "")
TABLE, NAMESPACE = os.environ["LEDGER"], os.environ["METRICS_NAMESPACE"]
stopping, taken = threading.Event(), threading.Event()


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if FLAW == "sick" else 200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def follow():
    systems = boto3.client("ssm")
    while not stopping.wait(0.2):
        said = systems.get_parameter(Name=os.environ["INTAKE_PARAMETER"])["Parameter"]["Value"]
        if said == SIDE and not taken.is_set():
            print("taking in", SIDE, flush=True)
        (taken.set if said == SIDE else taken.clear)()


def report():
    """What waits gets more only while nobody works, as a lag does."""
    cloudwatch, waiting = boto3.client("cloudwatch"), 100.0
    while not stopping.wait(0.5):
        if taken.is_set():
            waiting += 50 if FLAW == "stuck" else -waiting / 2
            datum = {"MetricName": "Backlog", "Value": waiting}
            cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def work():
    ledger = boto3.client("dynamodb")
    while not stopping.is_set():
        if not taken.wait(0.1) or FLAW == "stuck":
            stopping.wait(0.05)
            continue
        key = {"id": {"S": str(uuid.uuid4())}}
        item = {**key, "side": {"S": SIDE}, "began": {"N": repr(time.time())}}
        ledger.put_item(TableName=TABLE, Item=item)
        time.sleep(0.05)
        ledger.update_item(
            TableName=TABLE,
            Key=key,
            UpdateExpression="SET ended = :now",
            ExpressionAttributeValues={":now": {"N": repr(time.time())}},
        )


def main():
    if FLAW == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    if FLAW == "broken":
        sys.exit("cannot start: no ink")
    server = http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Health)
    threads = [threading.Thread(target=each, daemon=True) for each in (follow, report)]
    for thread in (*threads, threading.Thread(target=server.serve_forever, daemon=True)):
        thread.start()
    work()
    sys.exit(3 if FLAW == "careless" else 0)


main()
