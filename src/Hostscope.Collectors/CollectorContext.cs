using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// What collectors are made with. One context is one sampled host; it and its collectors belong to one thread. Dispose
/// it when the collectors are no longer called: it closes the files they keep open.
/// </summary>
public sealed class CollectorContext : IDisposable
{
    private readonly List<IDisposable> _open = [];

    /// <summary>Makes a context.</summary>
    /// <param name="roots">Where the host's files are.</param>
    /// <param name="builder">Takes the values.</param>
    /// <param name="time">Clock of the collectors that wait for something.</param>
    /// <param name="files">What opens and reads files; the kernel when not given.</param>
    public CollectorContext(HostRoots roots, FrameBuilder builder, TimeProvider time, HostFiles? files = null)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(time);
        Roots = roots;
        Builder = builder;
        Time = time;
        Files = files ?? HostFiles.Kernel;
    }

    /// <summary>Where the host's files are.</summary>
    public HostRoots Roots { get; }

    /// <summary>Takes the values.</summary>
    public FrameBuilder Builder { get; }

    /// <summary>Clock of the collectors that wait for something.</summary>
    public TimeProvider Time { get; }

    /// <summary>What opens and reads files.</summary>
    public HostFiles Files { get; }

    /// <summary>
    /// Absolute path of the socket of a container engine that may be asked for names; <c>null</c>: none is asked.
    /// </summary>
    public string? ContainerEngine { get; init; }

    /// <summary>Shared by all collectors of this context: what one read is gone when the next one reads.</summary>
    internal ReadBuffer Buffer { get; } = new();

    /// <summary>A file below the proc root, kept open until the context is disposed.</summary>
    /// <param name="name">Path below the root, without a leading slash.</param>
    /// <param name="shape">How the kernel hands out its content.</param>
    internal ProcFile OpenProc(string name, ReadShape shape = ReadShape.Records) =>
        Keep(new ProcFile(Files, $"{Roots.Proc}/{name}", shape));

    /// <summary>Disposes something together with the context.</summary>
    internal T Keep<T>(T disposable)
        where T : IDisposable
    {
        _open.Add(disposable);
        return disposable;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        _open.Clear();
    }
}
