using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hostscope.Roles;

/// <summary>
/// Reads a password from standard input: from a terminal without showing it, else the first line of what is piped in.
/// Never from the command line, which every user of the machine can read.
/// </summary>
internal static partial class PasswordPrompt
{
    private const int StandardInput = 0;
    private const int Now = 0; // TCSANOW
    private const uint Echo = 8; // ECHO in c_lflag
    private const int MaxBytes = 4_096;

    /// <summary>Whether a person types.</summary>
    public static bool IsTerminal => IsATerminal(StandardInput) == 1;

    /// <summary>Reads one line.</summary>
    /// <param name="prompt">Asks for it, on a terminal.</param>
    /// <param name="error">Where it is asked.</param>
    public static string Read(string prompt, TextWriter error)
    {
        if (!IsTerminal)
        {
            return ReadLine();
        }

        error.Write(prompt);
        error.Flush();
        if (GetAttributes(StandardInput, out var before) != 0)
        {
            return ReadLine();
        }

        var silent = before;
        silent.LocalFlags &= ~Echo;
        _ = SetAttributes(StandardInput, Now, silent);

        // Whoever gives up at the prompt gets the terminal back as it was.
        using var interrupted = PosixSignalRegistration.Create(
            PosixSignal.SIGINT, _ => SetAttributes(StandardInput, Now, before));
        try
        {
            return ReadLine();
        }
        finally
        {
            _ = SetAttributes(StandardInput, Now, before);
            error.WriteLine();
        }
    }

    /// <summary>Byte by byte, so that nothing of a second line is lost.</summary>
    private static string ReadLine()
    {
        using var handle = new SafeFileHandle(StandardInput, ownsHandle: false);
        using var input = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var line = new List<byte>();
        while (line.Count < MaxBytes && input.ReadByte() is var next and >= 0 && next != '\n')
        {
            line.Add((byte)next);
        }

        return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
    }

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, out Attributes attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, in Attributes attributes);

    /// <summary>struct termios of termios(3), as far as it matters: 60 bytes on Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Attributes
    {
        [FieldOffset(12)]
        public uint LocalFlags;
    }
}
