"""Lambda's REPORT lines as AWS writes them, and in the output of several tools."""

import json

import pytest

from ops.reports import Report, parse

REQUEST = "3604209a-e9a3-11e6-939a-754dd98c7be3"

# The kind of line, its source, the line, its report.
LINES = [
    (
        "on demand",
        "AWS Lambda Developer Guide, best practices, 'Performance testing'",
        "REPORT RequestId: 3604209a-e9a3-11e6-939a-754dd98c7be3 Duration: 12.34 ms "
        "Billed Duration: 100 ms Memory Size: 128 MB Max Memory Used: 18 MB",
        Report(12.34, 100, 128, 18),
    ),
    (
        "a cold start, traced by X-Ray",
        "AWS Lambda Developer Guide, 'Log and monitor Python Lambda functions'",
        "REPORT RequestId: 8f507cfc-xmpl-4697-b07a-ac58fc914c95  Duration: 15.74 ms  "
        "Billed Duration: 147 ms Memory Size: 128 MB Max Memory Used: 56 MB  "
        "Init Duration: 130.49 ms\n"
        "XRAY TraceId: 1-5e34a614-10bdxmplf1fb44f07bc535a1   SegmentId: 07f5xmpl2d1f6f85 "
        "Sampled: true",
        Report(15.74, 147, 128, 56, start=130.49),
    ),
    (
        "X-Ray on the same line",
        "a log of 2021, published on GitHub",
        "REPORT RequestId: 8fc6f963-411b-58b5-8483-a32130c0f45d Duration: 201.67 ms "
        "Billed Duration: 202 ms Memory Size: 2048 MB Max Memory Used: 81 MB "
        "Init Duration: 480.25 ms XRAY TraceId: 1-61c86fa4-59b3c6d959653c527fd10966 "
        "SegmentId: 107ea78a5750a811 Sampled: true",
        Report(201.67, 202, 2048, 81, start=480.25),
    ),
    (
        "SnapStart",
        "a log of 2023, published on GitHub; the fields are those of the Developer Guide's "
        "'Monitoring for Lambda SnapStart'",
        "REPORT RequestId: 8c360c87-d4b7-4423-b5f3-af02be3c1763\tDuration: 2338.66 ms\t"
        "Billed Duration: 2521 ms\tMemory Size: 3009 MB\tMax Memory Used: 173 MB\t"
        "Restore Duration: 398.97 ms\tBilled Restore Duration: 182 ms\t",
        Report(2338.66, 2521, 3009, 173, start=398.97),
    ),
    (
        "provisioned concurrency: the start is not billed here, and delayed no request",
        "a comment of 2021 at https://stackoverflow.com/questions/60059435",
        "REPORT RequestId: 3c0d1c43-4dc3-4059-9e51-203ed4387756 Duration: 492.12 ms "
        "Billed Duration: 493 ms Memory Size: 256 MB Max Memory Used: 101 MB "
        "Init Duration: 4831.59 ms",
        Report(492.12, 493, 256, 101, start=4831.59),
    ),
    (
        "a failed import",
        "a log of 2026, published on GitHub",
        "REPORT RequestId: 25a27ba9-e9af-489b-af00-005778ebb745\tDuration: 97.30 ms\t"
        "Billed Duration: 98 ms\tMemory Size: 1024 MB\tMax Memory Used: 43 MB\tStatus: error\t"
        "Error Type: Runtime.ImportModuleError\n"
        "INIT_REPORT Init Duration: 87.28 ms\tPhase: invoke\tStatus: error\t"
        "Error Type: Runtime.ImportModuleError",
        Report(97.30, 98, 1024, 43, failed=True),
    ),
    (
        "out of memory",
        "a log of 2025, published on GitHub",
        "REPORT RequestId: fa4e6a1f-083b-573d-ace2-090d2b00a3ac\tDuration: 6954.19 ms\t"
        "Billed Duration: 6955 ms\tMemory Size: 1024 MB\tMax Memory Used: 1023 MB\t"
        "Status: error\tError Type: Runtime.OutOfMemory",
        Report(6954.19, 6955, 1024, 1023, failed=True),
    ),
    (
        "out of time",
        "a log of 2026, published on GitHub",
        "REPORT RequestId: 03d81525-0000-0000-0000-000000000000\tDuration: 10000.00 ms\t"
        "Billed Duration: 10938 ms\tMemory Size: 256 MB\tMax Memory Used: 90 MB\tStatus: timeout",
        Report(10000, 10938, 256, 90, failed=True),
    ),
    (
        "out of time, in the old form",
        "the form of AWS's 'How do I troubleshoot Lambda function invocation timeout errors'",
        f"2026-01-31T09:30:00.000Z {REQUEST} Task timed out after 3.00 seconds\n"
        f"REPORT RequestId: {REQUEST}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 37 MB",
        Report(3000, 3000, 128, 37, failed=True),
    ),
    (
        "a success with a status",
        "the same form, with the status that a REPORT may have",
        f"REPORT RequestId: {REQUEST}\tDuration: 3.10 ms\tBilled Duration: 4 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 37 MB\tStatus: success",
        Report(3.1, 4, 128, 37),
    ),
]
PLAIN = LINES[0][2]
TABS = (
    f"REPORT RequestId: {REQUEST}\tDuration: 12.34 ms\tBilled Duration: 100 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 18 MB"
)


@pytest.mark.parametrize(
    ("line", "report"), [example[2:] for example in LINES], ids=[example[0] for example in LINES]
)
def test_line_of_each_kind_is_parsed(line: str, report: Report) -> None:
    assert parse(line) == [report]


def test_reports_keep_their_order() -> None:
    text = "\n".join(line for _, _, line, _ in LINES[:8])
    assert parse(text) == [report for *_, report in LINES[:8]]


@pytest.mark.parametrize(
    "text",
    [
        f"2026-11-23T10:00:00.000Z 2026/11/23/[$LATEST]3893 {PLAIN}\n",
        f'@timestamp,@message\n2026-11-23 10:00:00.000,"{TABS}\t\n"\n',
        json.dumps([{"field": "@message", "value": f"{TABS}\t\n"}]),
        json.dumps({"events": [{"message": f"{TABS}\n", "timestamp": 1}]}, indent=2),
    ],
    ids=["aws logs tail", "Logs Insights, CSV", "Logs Insights, JSON", "filter-log-events"],
)
def test_report_is_found_in_each_format(text: str) -> None:
    assert parse(text) == [Report(12.34, 100, 128, 18)]


def test_line_may_have_several_reports() -> None:
    assert len(parse(json.dumps([{"message": f"{TABS}\n"}] * 3))) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "START RequestId: 1 Version: 3",
        "INIT_REPORT Init Duration: 87.28 ms Phase: init Status: timeout",
        "RESTORE_REPORT Restore Duration: 398.97 ms",
        f"REPORT RequestId: {REQUEST}\tStatus: error\tError Type: Runtime.OutOfMemory",
    ],
)
def test_other_text_has_no_report(text: str) -> None:
    assert parse(text) == []
