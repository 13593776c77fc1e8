using Hostscope.Collectors.Slow;

namespace Hostscope.Collectors.Tests;

/// <summary>Goal: a sensor keeps its name over boots. Method: the links of real machines.</summary>
public sealed class HwmonDeviceTests
{
    [Theory]
    [InlineData("../../devices/platform/coretemp.0/hwmon/hwmon2", "../../../coretemp.0", "platform/coretemp.0")]
    [InlineData(
        "../../devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/hwmon1", "../../nvme0", "nvme/nvme0")]
    [InlineData("../../devices/virtual/thermal/thermal_zone0/hwmon0", "../../thermal_zone0", "thermal/thermal_zone0")]
    [InlineData("../../devices/pci0000:00/0000:00:18.3/hwmon/hwmon3", "../../../0000:00:18.3",
        "pci0000:00/0000:00:18.3")]
    [InlineData(null, "../../../coretemp.0", "coretemp.0")]
    [InlineData("../../devices/virtual/hwmon/hwmon4", null, null)]
    public void The_device_of_a_chip_is_told_with_its_kind(string? chip, string? device, string? expected) =>
        Assert.Equal(expected, Hwmon.DeviceOf(chip, device));
}
