using Hostscope.Bus;
using Hostscope.Collectors.Cgroups;
using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling;

/// <summary>
/// The tables of processes and cgroups: scanned in the ticks in which a reader of the bus wants them, on the sampling
/// thread, and handed over before the frame of their tick. What nobody wants is not scanned, and its files are closed.
/// </summary>
internal sealed class TableRuns
{
    private readonly ProcessCollector _processes;
    private readonly CgroupCollector _cgroups;
    private readonly CollectorRun _processRun;
    private readonly CollectorRun _ioRun;
    private readonly CollectorRun _cgroupRun;
    private readonly CollectorRun? _containerRun;
    private Topics _scanned;

    /// <param name="processes">Scans processes; its context disposes it.</param>
    /// <param name="cgroups">Scans cgroups; its context disposes it.</param>
    /// <param name="builder">Takes their cost as series.</param>
    /// <param name="clock">Times the scans.</param>
    /// <param name="logger">What is worth a line, once per episode.</param>
    public TableRuns(
        ProcessCollector processes, CgroupCollector cgroups, FrameBuilder builder, TimeProvider clock, ILogger logger)
    {
        _processes = processes;
        _cgroups = cgroups;
        _processRun = new CollectorRun(processes, builder, clock, logger);
        _ioRun = new CollectorRun(processes.Io, builder, clock, logger);
        _cgroupRun = new CollectorRun(cgroups, builder, clock, logger);
        _containerRun = cgroups.Containers is { } containers
            ? new CollectorRun(containers, builder, clock, logger)
            : null;
    }

    /// <summary>Whether each of them works on this machine, as of its last run.</summary>
    public IEnumerable<Capability> Capabilities =>
        _containerRun is null
            ? [_processRun.Capability, _ioRun.Capability, _cgroupRun.Capability]
            : [_processRun.Capability, _ioRun.Capability, _cgroupRun.Capability, _containerRun.Capability];

    /// <summary>Scans what is wanted.</summary>
    /// <returns>True when <see cref="Capabilities"/> have changed.</returns>
    public bool Collect(Topics wanted)
    {
        var changed = false;
        if ((wanted & Topics.Processes) != 0)
        {
            changed |= _processRun.Collect();
            changed |= _ioRun.Collect();
        }
        else if ((_scanned & Topics.Processes) != 0)
        {
            _processes.Rest();
        }

        if ((wanted & Topics.Cgroups) != 0)
        {
            changed |= _cgroupRun.Collect();
            changed |= _containerRun?.Collect() ?? false;
        }
        else if ((_scanned & Topics.Cgroups) != 0)
        {
            _cgroups.Rest();
        }

        _scanned = wanted;
        return changed;
    }

    /// <summary>Hands over what was scanned in this tick.</summary>
    public void Publish(IFrameBus bus, string hostId, long sequence)
    {
        if ((_scanned & Topics.Processes) != 0 && _processes.IsFresh)
        {
            _processes.Table.Sequence = sequence;
            bus.Publish(hostId, _processes.Table);
        }

        if ((_scanned & Topics.Cgroups) != 0 && _cgroups.Table.Count > 0)
        {
            _cgroups.Table.Sequence = sequence;
            bus.Publish(hostId, _cgroups.Table);
        }
    }
}
