using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// Frequency of each logical CPU, from its cpufreq folder. Kernels from 4.13 to 5.17 measure it while they are asked,
/// 10 ms for each CPU: not something for the sampling thread.
/// </summary>
/// <remarks>
/// Documentation/admin-guide/pm/cpufreq.rst, in kHz:
/// <code>
/// /sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq  2899853
/// /sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq  4900000
/// </code>
/// </remarks>
internal sealed class CpuFrequency : SlowCollector
{
    private const long HzPerKhz = 1000;

    private static readonly CollectResult NotHere = CollectResult.Unavailable(
        "The kernel drives the frequency of no CPU here, as is usual in a virtual machine.");

    private readonly SysFolder _folder;
    private readonly NameTable<LogicalCpu> _cpus;
    private readonly Action<LogicalCpu> _read;
    private readonly SysFolder _driver;
    private List<SlowValue> _values = [];

    public CpuFrequency(CollectorContext context)
        : base(context, "cpufreq", TimeSpan.Zero)
    {
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/devices/system/cpu");
        _driver = _folder.Folder("cpufreq");
        _cpus = new(name => new LogicalCpu(_folder.Folder($"{name}/cpufreq"), name["cpu".Length..], Buffer));
        _read = ReadCpu;
    }

    /// <inheritdoc/>
    protected override bool IsHere(out CollectResult reason)
    {
        reason = NotHere;
        return _driver.Exists;
    }

    /// <inheritdoc/>
    protected override CollectResult Read(List<SlowValue> values)
    {
        _values = values;
        var listed = _folder.Visit("cpu"u8, _cpus, _read);
        return listed.IsOk && values.Exists(static value => value.Value != Frame.Absent) ? CollectResult.Ok : NotHere;
    }

    private void ReadCpu(LogicalCpu cpu)
    {
        if (cpu.IsOne)
        {
            cpu.Frequency.Value = Fields.Times(cpu.File.Value(Buffer), HzPerKhz);
            _values.Add(cpu.Frequency);
            _values.Add(cpu.Limit);
        }
    }

    private sealed class LogicalCpu
    {
        public LogicalCpu(SysFolder folder, string id, ReadBuffer buffer)
        {
            // cpufreq and cpuidle stand between cpu0 and cpu1.
            IsOne = id.Length > 0 && id.All(char.IsAsciiDigit);
            File = folder.Number("scaling_cur_freq");
            Frequency = new SlowValue(Metrics.CpuFrequency, id);
            var limit = IsOne ? folder.Number("cpuinfo_max_freq").Value(buffer) : Frame.Absent;
            Limit = new SlowValue(Metrics.CpuFrequencyLimit, id) { Value = Fields.Times(limit, HzPerKhz) };
        }

        public bool IsOne { get; }

        public SysNumber File { get; }

        public SlowValue Frequency { get; }

        public SlowValue Limit { get; }
    }
}
