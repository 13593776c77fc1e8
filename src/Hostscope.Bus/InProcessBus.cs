using System.Collections.Immutable;
using Hostscope.Model;

namespace Hostscope.Bus;

/// <summary>The bus within one process: publishing calls each reader in turn.</summary>
public sealed class InProcessBus : IFrameBus
{
    private ImmutableDictionary<string, HostState> _hosts = ImmutableDictionary<string, HostState>.Empty;
    private ImmutableDictionary<string, Subscription[]> _readers = ImmutableDictionary<string, Subscription[]>.Empty;
    private long _readerFailures;

    /// <inheritdoc/>
    public IReadOnlyList<HostState> Hosts =>
        [.. Volatile.Read(ref _hosts).Values.OrderBy(host => host.Info.Id, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public long ReaderFailures => Interlocked.Read(ref _readerFailures);

    /// <inheritdoc/>
    public void Announce(HostState host)
    {
        ArgumentNullException.ThrowIfNull(host);
        ImmutableInterlocked.AddOrUpdate(ref _hosts, host.Info.Id, host, (_, _) => host);
    }

    /// <inheritdoc/>
    public void Publish(string hostId, Frame frame) =>
        HandOver(hostId, frame, static (reader, frame) => reader.OnFrame(frame));

    /// <inheritdoc/>
    public void Publish(string hostId, ProcessTable processes) =>
        HandOver(hostId, processes, static (reader, processes) => reader.OnProcesses(processes));

    /// <inheritdoc/>
    public void Publish(string hostId, CgroupTable cgroups) =>
        HandOver(hostId, cgroups, static (reader, cgroups) => reader.OnCgroups(cgroups));

    /// <inheritdoc/>
    public Topics Wanted(string hostId)
    {
        var wanted = Topics.None;
        foreach (var subscription in ReadersOf(hostId))
        {
            wanted |= subscription.Reader.Wanted;
        }

        return wanted;
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(string hostId, IFrameReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var subscription = new Subscription(this, hostId, reader);
        ImmutableInterlocked.AddOrUpdate(
            ref _readers, hostId, _ => [subscription], (_, readers) => [.. readers, subscription]);
        return subscription;
    }

    private ReadOnlySpan<Subscription> ReadersOf(string hostId) =>
        Volatile.Read(ref _readers).TryGetValue(hostId, out var readers) ? readers : [];

    private void HandOver<T>(string hostId, T item, Action<IFrameReader, T> give)
    {
        foreach (var subscription in ReadersOf(hostId))
        {
            try
            {
                give(subscription.Reader, item);
            }
            catch (Exception) // One reader's bug must not cost the sampler or the other readers the frame.
            {
                Interlocked.Increment(ref _readerFailures);
            }
        }
    }

    private void Remove(Subscription subscription) => ImmutableInterlocked.AddOrUpdate(
        ref _readers, subscription.HostId, _ => [], (_, readers) => [.. readers.Where(s => s != subscription)]);

    private sealed class Subscription(InProcessBus bus, string hostId, IFrameReader reader) : IDisposable
    {
        public string HostId { get; } = hostId;

        public IFrameReader Reader { get; } = reader;

        public void Dispose() => bus.Remove(this);
    }
}
