"""``python -m benchmarks [rounds] [actions]``: what one run of the machine at hand says."""

import sys

from benchmarks import aws_client
from benchmarks.throughput import measure, report

AWS_BATCHES = 20


def main() -> None:
    rounds, actions = (
        int(sys.argv[place]) if len(sys.argv) > place else least for place, least in ((1, 5), (2, 1_000))
    )
    print(f"{rounds} interleaved rounds of {actions} actions; every commit synced (synchronous=FULL)\n")
    for line in report(measure(rounds, actions)):
        print(line)
    print("\nOn AWS, with emulators in the place of its services; the same calls are made bare")
    for line in aws_client.report(aws_client.measure(rounds, AWS_BATCHES)):
        print(line)


if __name__ == "__main__":
    main()
