using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// Reads the files of groups, and keeps as many of them open as the process can spare: reading a kept one takes one
/// system call instead of three and no walk along the path.
/// </summary>
internal sealed class CgroupDescriptors
{
    /// <summary>Most files kept open: those of 256 groups of v2, more than most machines have.</summary>
    public const int MaxKept = 2048;

    private readonly CollectorContext _context;
    private int _budget = -1;
    private int _kept;

    public CgroupDescriptors(CollectorContext context) => _context = context;

    /// <summary>Reads a file into the context's buffer.</summary>
    /// <param name="path">Its path, with a NUL byte at its end.</param>
    /// <param name="state">Holds the descriptor that is kept.</param>
    /// <param name="mayKeep">False for what is read too seldom to keep it open.</param>
    public ReadResult Read(ReadOnlySpan<byte> path, ref CgroupFileState state, bool mayKeep)
    {
        if (state.KeptPlusOne != 0)
        {
            var result = ProcFile.ReadAll(
                _context.Files, state.KeptPlusOne - 1, _context.Buffer, ReadShape.Whole);
            if (result.IsOk)
            {
                return result;
            }

            // The group went; one of the same name may have come.
            Close(ref state);
        }

        var descriptor = _context.Files.Open(HostFiles.NoDirectory, path);
        if (descriptor < 0)
        {
            if (descriptor is -Errno.TooManyFiles or -Errno.TooManyFilesOnHost)
            {
                // What is kept stays; nothing more is.
                _budget = 0;
            }

            return ReadResult.FromErrno(-descriptor);
        }

        var first = ProcFile.ReadAll(_context.Files, descriptor, _context.Buffer, ReadShape.Whole);
        if (first.IsOk && mayKeep && HasRoom())
        {
            state.KeptPlusOne = descriptor + 1;
            _kept++;
        }
        else
        {
            _context.Files.Close(descriptor);
        }

        return first;
    }

    /// <summary>Closes what is kept open of a group.</summary>
    public void CloseAll(CgroupNode node)
    {
        foreach (ref var state in node.Files.AsSpan())
        {
            Close(ref state);
        }
    }

    private void Close(ref CgroupFileState state)
    {
        if (state.KeptPlusOne != 0)
        {
            _context.Files.Close(state.KeptPlusOne - 1);
            state.KeptPlusOne = 0;
            _kept--;
        }
    }

    /// <summary>
    /// A quarter of the descriptors that the process may have, so that the rest stays for viewers, files of
    /// processes and the store.
    /// </summary>
    private bool HasRoom()
    {
        if (_budget < 0)
        {
            _budget = (int)Math.Min(MaxKept, _context.Files.DescriptorLimit() / 4);
        }

        return _kept < _budget;
    }
}
