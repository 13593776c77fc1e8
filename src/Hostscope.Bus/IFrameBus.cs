using Hostscope.Model;

namespace Hostscope.Bus;

/// <summary>
/// The seam "now": carries each tick from the sampler to whoever shows, keeps or forwards it. On one machine it is a
/// list of readers, in a fleet a message bus; the code on both sides does not know which.
/// </summary>
public interface IFrameBus
{
    /// <summary>The hosts that are known now.</summary>
    IReadOnlyList<HostState> Hosts { get; }

    /// <summary>Makes a host known, or changes what is known of it. Called by its sampler.</summary>
    void Announce(HostState host);

    /// <summary>
    /// Hands a frame to every reader of the host. Never waits for any of them: a reader copies and returns. The frame
    /// belongs to the caller again when this returns. Frames are handed over in the order of their sequence.
    /// </summary>
    void Publish(string hostId, Frame frame);

    /// <summary>Hands the processes of a tick over, before the frame of that tick, by the same rules.</summary>
    void Publish(string hostId, ProcessTable processes);

    /// <summary>Hands the cgroups of a tick over, before the frame of that tick, by the same rules.</summary>
    void Publish(string hostId, CgroupTable cgroups);

    /// <summary>
    /// What the readers of a host want now, together. The sampler asks before each tick and does not scan processes or
    /// cgroups for nobody.
    /// </summary>
    Topics Wanted(string hostId);

    /// <summary>Subscribes to the frames of a host, known or not yet.</summary>
    /// <returns>
    /// Dispose it to stop. After it returns, the reader may see at most the frame that is on its way.
    /// </returns>
    IDisposable Subscribe(string hostId, IFrameReader reader);

    /// <summary>
    /// How often a reader threw: anything but 0 is a bug of that reader. A bus that does not count says 0.
    /// </summary>
    long ReaderFailures => 0;
}

/// <summary>Receives frames.</summary>
public interface IFrameReader
{
    /// <summary>
    /// Takes a frame on the publishing thread. It must not block and not keep the frame: copy with
    /// <see cref="Frame.CopyFrom"/>, signal the own thread, return. What it throws is caught and counted by the bus.
    /// </summary>
    void OnFrame(Frame frame);

    /// <summary>Takes the processes of the tick whose frame comes next. The same rules.</summary>
    void OnProcesses(ProcessTable processes)
    {
    }

    /// <summary>Takes the cgroups of the tick whose frame comes next. The same rules.</summary>
    void OnCgroups(CgroupTable cgroups)
    {
    }

    /// <summary>What this reader has a use for now. Read by other threads at any time.</summary>
    Topics Wanted => Topics.System | Topics.Cores;
}

/// <summary>What is known of a host besides its frames.</summary>
/// <param name="Info">Static data.</param>
/// <param name="IntervalMs">Sampling interval, milliseconds, 100 to 60,000.</param>
/// <param name="Capabilities">Which sources work on it, and why the others do not.</param>
public sealed record HostState(HostInfo Info, int IntervalMs, IReadOnlyList<Capability> Capabilities);
