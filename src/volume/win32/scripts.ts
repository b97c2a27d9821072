import { quoted } from './powershell.ts';

/**
 * Functions of PowerShell. The USB device is the nearest one above the disk in the device tree that is no interface (`&MI_00`)
 * of a composite device: its instance id holds vendor, product and serial. The date of its last arrival changes with each
 * attach.
 */
const FUNCTIONS = `
function Read-Property($instance, $key) { (Get-PnpDeviceProperty -InstanceId $instance -KeyName $key).Data }
function Find-UsbDevice($instance) {
  for ($left = 6; $instance -and $left -gt 0; $left--) {
    if ($instance -like 'USB\\VID_*' -and $instance -notlike '*&MI_*') { return $instance }
    $instance = Read-Property $instance 'DEVPKEY_Device_Parent'
  }
}
function Read-Arrival($usb) {
  $arrival = Read-Property $usb 'DEVPKEY_Device_LastArrivalDate'
  if ($arrival) { $arrival.ToFileTimeUtc().ToString() } else { 'unknown' }
}
`;

/**
 * The disks on USB, those of the driver for UASP too, which have a bus but not an interface of that name; a disk that cannot
 * be described does not hide the others. A device that was ejected shows no disk any more, but is still plugged in: the
 * system holds it for removal (problem 47).
 */
export const LIST_DISKS: string = `${FUNCTIONS}
$storage = 'root/Microsoft/Windows/Storage'
$disks = @(Get-CimInstance -Namespace $storage -ClassName MSFT_Disk)
$partitions = @(Get-CimInstance -Namespace $storage -ClassName MSFT_Partition)
$volumes = @(Get-CimInstance -Namespace $storage -ClassName MSFT_Volume)
function Read-UsbDevice($usb) {
  @{
    usb = $usb; hardwareIds = @(Read-Property $usb 'DEVPKEY_Device_HardwareIds')
    location = Read-Property $usb 'DEVPKEY_Device_LocationInfo'; arrival = Read-Arrival $usb
  }
}
$found = foreach ($drive in @(Get-CimInstance -ClassName Win32_DiskDrive)) {
  $disk = $disks | Where-Object { $_.Number -eq $drive.Index } | Select-Object -First 1
  if ($drive.InterfaceType -ne 'USB' -and @('7', 'USB') -notcontains [string]$disk.BusType) { continue }
  try {
    $usb = Find-UsbDevice $drive.PNPDeviceID
    if (-not $usb) { continue }
    $inside = foreach ($partition in @($partitions | Where-Object { $_.DiskNumber -eq $drive.Index } | Sort-Object Offset)) {
      $volume = $volumes | Where-Object { $partition.AccessPaths -contains $_.Path } | Select-Object -First 1
      @{
        letter = [string]$partition.DriveLetter; offset = $partition.Offset; size = $partition.Size
        path = $volume.Path; fileSystem = $volume.FileSystem; label = $volume.FileSystemLabel
      }
    }
    (Read-UsbDevice $usb) + @{
      id = $drive.DeviceID; disk = $drive.PNPDeviceID; model = $drive.Model; revision = $drive.FirmwareRevision
      size = $drive.Size; style = $disk.PartitionStyle; readOnly = $disk.IsReadOnly; partitions = @($inside)
    }
  } catch {
    @{ disk = $drive.PNPDeviceID; trouble = [string]$_ }
  }
}
$held = foreach ($entity in @(Get-CimInstance -ClassName Win32_PnPEntity -Filter 'ConfigManagerErrorCode = 47')) {
  $usb = Find-UsbDevice $entity.DeviceID
  if ($usb -and @($found | ForEach-Object { $_.usb }) -notcontains $usb) { (Read-UsbDevice $usb) + @{ id = $usb } }
}
ConvertTo-Json -Compress -Depth 6 @{ disks = @($found) + @($held | Where-Object { $_ }) }
`;

/** Lines that end a script with `gone` unless the device is still attached as it was. */
export function requireAttachment(attachment: string): string {
  const at = attachment.lastIndexOf('@');
  const [usb, arrival] = [attachment.slice(0, at), attachment.slice(at + 1)];
  return `${FUNCTIONS}
if ((Read-Arrival ${quoted(usb)}) -ne ${quoted(arrival)}) { 'gone'; exit }`;
}
