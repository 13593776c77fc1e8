using System.Text.Json;

namespace Hostscope.Gateway.Tests;

/// <summary>Checks messages against docs/WIRE.md, to the letter: members, order of what has one, types.</summary>
internal static class Messages
{
    private static readonly string[] HelloMembers =
    [
        "type", "protocol", "auth", "version", "now", "interval", "host", "capabilities", "recorder", "schema",
        "backlog",
    ];

    private static readonly string[] HostMembers =
    [
        "id", "name", "addresses", "osName", "osVersion", "osPrettyName", "kernel", "architecture", "cpuModel",
        "cpuSockets", "cpuCores", "cpuThreads", "memoryBytes", "swapBytes", "bootUnixMs", "virtualization", "container",
        "timeZone", "hardware",
    ];

    public static void CheckHello(JsonElement hello)
    {
        HasExactly(hello, HelloMembers);
        Assert.Equal(1, hello.GetProperty("protocol").GetInt32());
        Assert.Matches(@"^\d+\.\d+\.\d+$", hello.GetProperty("version").GetString());
        HasExactly(hello.GetProperty("host"), HostMembers);
        foreach (var address in hello.GetProperty("host").GetProperty("addresses").EnumerateArray())
        {
            HasExactly(address, "interface", "address", "prefixLength");
        }

        foreach (var capability in hello.GetProperty("capabilities").EnumerateArray())
        {
            HasExactly(capability, "name", "available", "reason", "remedy");
        }

        CheckSchema(hello.GetProperty("schema"));
        var backlog = hello.GetProperty("backlog");
        HasExactly(backlog, "seq", "t", "dt", "columns");
        var frames = backlog.GetProperty("seq").GetArrayLength();
        Assert.Equal(frames, backlog.GetProperty("t").GetArrayLength());
        Assert.Equal(frames, backlog.GetProperty("dt").GetArrayLength());
        var columns = backlog.GetProperty("columns");
        Assert.Equal(hello.GetProperty("schema").GetProperty("series").GetArrayLength(), columns.GetArrayLength());
        foreach (var column in columns.EnumerateArray())
        {
            if (column.ValueKind == JsonValueKind.Array)
            {
                Assert.Equal(frames, column.GetArrayLength());
                Assert.All(column.EnumerateArray(), IsValue);
            }
            else
            {
                IsValue(column);
            }
        }
    }

    public static void CheckSchema(JsonElement schema)
    {
        HasExactly(schema, "type", "version", "topics", "series");
        Assert.Equal("schema", schema.GetProperty("type").GetString());
        foreach (var series in schema.GetProperty("series").EnumerateArray())
        {
            HasExactly(series, "name", "labels", "unit", "kind");
            Assert.Contains(series.GetProperty("kind").GetString(), new[] { "counter", "gauge" });
            Assert.All(
                series.GetProperty("labels").EnumerateObject(),
                label => Assert.Equal(JsonValueKind.String, label.Value.ValueKind));
        }
    }

    public static void CheckFrame(JsonElement frame)
    {
        HasExactly(frame, "type", "seq", "t", "dt", "v");
        frame.GetProperty("seq").GetInt64();
        frame.GetProperty("t").GetInt64();
        IsValue(frame.GetProperty("dt"));
        Assert.All(frame.GetProperty("v").EnumerateArray(), IsValue);
    }

    /// <summary>The keys of a schema's series, such as <c>system.cpu.time{cpu.mode=user}</c>.</summary>
    public static List<string> Keys(JsonElement schema) =>
    [
        .. schema.GetProperty("series").EnumerateArray().Select(series =>
            series.GetProperty("name").GetString() + "{" + string.Join(",", series.GetProperty("labels")
                .EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}")) + "}"),
    ];

    /// <summary>Values of a frame, or of a backlog's frame; absent as <c>null</c>.</summary>
    public static List<double?> Values(JsonElement array) => [.. array.EnumerateArray().Select(Value)];

    public static double? Value(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();

    /// <summary>One frame of a backlog, as the frame message would have had it.</summary>
    public static (long Seq, long T, double? Dt, List<double?> V) BacklogFrame(JsonElement hello, int index)
    {
        var backlog = hello.GetProperty("backlog");
        return (
            backlog.GetProperty("seq")[index].GetInt64(),
            backlog.GetProperty("t")[index].GetInt64(),
            Value(backlog.GetProperty("dt")[index]),
            [
                .. backlog.GetProperty("columns").EnumerateArray().Select(column =>
                    Value(column.ValueKind == JsonValueKind.Array ? column[index] : column)),
            ]);
    }

    private static void IsValue(JsonElement value) =>
        Assert.True(value.ValueKind is JsonValueKind.Number or JsonValueKind.Null, $"a value is {value.ValueKind}");

    private static void HasExactly(JsonElement element, params string[] members) =>
        Assert.Equal(members.Order(), element.EnumerateObject().Select(member => member.Name).Order());
}
