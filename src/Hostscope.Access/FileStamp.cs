namespace Hostscope.Access;

/// <summary>
/// By which a file that is looked at again and again is known to have changed. Links are followed to their end, as what
/// is mounted into containers is changed by changing a directory that a link leads through.
/// </summary>
/// <param name="Changed">When it was written last.</param>
/// <param name="Length">Its bytes.</param>
public readonly record struct FileStamp(DateTime Changed, long Length)
{
    /// <summary>The stamp of a file; the default for one that is not there or out of sight. Never throws for it.
    /// </summary>
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
