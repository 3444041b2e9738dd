import { createElement } from "react";
import Activity from "lucide-react/dist/esm/icons/activity.mjs";
import Archive from "lucide-react/dist/esm/icons/archive.mjs";
import ArrowDown from "lucide-react/dist/esm/icons/arrow-down.mjs";
import ArrowLeft from "lucide-react/dist/esm/icons/arrow-left.mjs";
import ArrowRight from "lucide-react/dist/esm/icons/arrow-right.mjs";
import ArrowUp from "lucide-react/dist/esm/icons/arrow-up.mjs";
import Ban from "lucide-react/dist/esm/icons/ban.mjs";
import Bell from "lucide-react/dist/esm/icons/bell.mjs";
import Building2 from "lucide-react/dist/esm/icons/building-2.mjs";
import CalendarX from "lucide-react/dist/esm/icons/calendar-x.mjs";
import ChartLine from "lucide-react/dist/esm/icons/chart-line.mjs";
import Check from "lucide-react/dist/esm/icons/check.mjs";
import ChevronDown from "lucide-react/dist/esm/icons/chevron-down.mjs";
import ChevronLeft from "lucide-react/dist/esm/icons/chevron-left.mjs";
import ChevronRight from "lucide-react/dist/esm/icons/chevron-right.mjs";
import ChevronUp from "lucide-react/dist/esm/icons/chevron-up.mjs";
import ChevronsUp from "lucide-react/dist/esm/icons/chevrons-up.mjs";
import ChevronsUpDown from "lucide-react/dist/esm/icons/chevrons-up-down.mjs";
import Circle from "lucide-react/dist/esm/icons/circle.mjs";
import CircleAlert from "lucide-react/dist/esm/icons/circle-alert.mjs";
import CircleCheck from "lucide-react/dist/esm/icons/circle-check.mjs";
import CircleDashed from "lucide-react/dist/esm/icons/circle-dashed.mjs";
import CircleHelp from "lucide-react/dist/esm/icons/circle-help.mjs";
import CirclePause from "lucide-react/dist/esm/icons/circle-pause.mjs";
import CircleUser from "lucide-react/dist/esm/icons/circle-user.mjs";
import CircleX from "lucide-react/dist/esm/icons/circle-x.mjs";
import ClipboardList from "lucide-react/dist/esm/icons/clipboard-list.mjs";
import Clock from "lucide-react/dist/esm/icons/clock.mjs";
import ClockAlert from "lucide-react/dist/esm/icons/clock-alert.mjs";
import Code from "lucide-react/dist/esm/icons/code.mjs";
import Copy from "lucide-react/dist/esm/icons/copy.mjs";
import CornerUpLeft from "lucide-react/dist/esm/icons/corner-up-left.mjs";
import CreditCard from "lucide-react/dist/esm/icons/credit-card.mjs";
import Download from "lucide-react/dist/esm/icons/download.mjs";
import Ellipsis from "lucide-react/dist/esm/icons/ellipsis.mjs";
import ExternalLink from "lucide-react/dist/esm/icons/external-link.mjs";
import Eye from "lucide-react/dist/esm/icons/eye.mjs";
import EyeOff from "lucide-react/dist/esm/icons/eye-off.mjs";
import FlaskConical from "lucide-react/dist/esm/icons/flask-conical.mjs";
import FileCheck from "lucide-react/dist/esm/icons/file-check.mjs";
import FileText from "lucide-react/dist/esm/icons/file-text.mjs";
import FileX from "lucide-react/dist/esm/icons/file-x.mjs";
import Filter from "lucide-react/dist/esm/icons/filter.mjs";
import Flag from "lucide-react/dist/esm/icons/flag.mjs";
import Gauge from "lucide-react/dist/esm/icons/gauge.mjs";
import Globe from "lucide-react/dist/esm/icons/globe.mjs";
import HeartPulse from "lucide-react/dist/esm/icons/heart-pulse.mjs";
import History from "lucide-react/dist/esm/icons/history.mjs";
import House from "lucide-react/dist/esm/icons/house.mjs";
import Inbox from "lucide-react/dist/esm/icons/inbox.mjs";
import Info from "lucide-react/dist/esm/icons/info.mjs";
import KeyRound from "lucide-react/dist/esm/icons/key-round.mjs";
import Keyboard from "lucide-react/dist/esm/icons/keyboard.mjs";
import Layers from "lucide-react/dist/esm/icons/layers.mjs";
import Link from "lucide-react/dist/esm/icons/link.mjs";
import ListChecks from "lucide-react/dist/esm/icons/list-checks.mjs";
import ListFilter from "lucide-react/dist/esm/icons/list-filter.mjs";
import Loader from "lucide-react/dist/esm/icons/loader.mjs";
import LoaderCircle from "lucide-react/dist/esm/icons/loader-circle.mjs";
import Lock from "lucide-react/dist/esm/icons/lock.mjs";
import LogOut from "lucide-react/dist/esm/icons/log-out.mjs";
import Maximize from "lucide-react/dist/esm/icons/maximize.mjs";
import Menu from "lucide-react/dist/esm/icons/menu.mjs";
import MessageSquare from "lucide-react/dist/esm/icons/message-square.mjs";
import Minus from "lucide-react/dist/esm/icons/minus.mjs";
import Monitor from "lucide-react/dist/esm/icons/monitor.mjs";
import Moon from "lucide-react/dist/esm/icons/moon.mjs";
import Pause from "lucide-react/dist/esm/icons/pause.mjs";
import Pencil from "lucide-react/dist/esm/icons/pencil.mjs";
import Play from "lucide-react/dist/esm/icons/play.mjs";
import Plus from "lucide-react/dist/esm/icons/plus.mjs";
import ReceiptText from "lucide-react/dist/esm/icons/receipt-text.mjs";
import RefreshCw from "lucide-react/dist/esm/icons/refresh-cw.mjs";
import RotateCcw from "lucide-react/dist/esm/icons/rotate-ccw.mjs";
import RotateCw from "lucide-react/dist/esm/icons/rotate-cw.mjs";
import ScanFace from "lucide-react/dist/esm/icons/scan-face.mjs";
import ScanLine from "lucide-react/dist/esm/icons/scan-line.mjs";
import Scale from "lucide-react/dist/esm/icons/scale.mjs";
import Search from "lucide-react/dist/esm/icons/search.mjs";
import Send from "lucide-react/dist/esm/icons/send.mjs";
import Settings from "lucide-react/dist/esm/icons/settings.mjs";
import Shield from "lucide-react/dist/esm/icons/shield.mjs";
import ShieldAlert from "lucide-react/dist/esm/icons/shield-alert.mjs";
import ShieldCheck from "lucide-react/dist/esm/icons/shield-check.mjs";
import ShieldX from "lucide-react/dist/esm/icons/shield-x.mjs";
import SlidersHorizontal from "lucide-react/dist/esm/icons/sliders-horizontal.mjs";
import SkipForward from "lucide-react/dist/esm/icons/skip-forward.mjs";
import SquareDashedMousePointer from "lucide-react/dist/esm/icons/square-dashed-mouse-pointer.mjs";
import Sun from "lucide-react/dist/esm/icons/sun.mjs";
import Table from "lucide-react/dist/esm/icons/table.mjs";
import Tag from "lucide-react/dist/esm/icons/tag.mjs";
import Trash2 from "lucide-react/dist/esm/icons/trash-2.mjs";
import TrendingUp from "lucide-react/dist/esm/icons/trending-up.mjs";
import TriangleAlert from "lucide-react/dist/esm/icons/triangle-alert.mjs";
import Undo2 from "lucide-react/dist/esm/icons/undo-2.mjs";
import Upload from "lucide-react/dist/esm/icons/upload.mjs";
import User from "lucide-react/dist/esm/icons/user.mjs";
import UserRoundCheck from "lucide-react/dist/esm/icons/user-round-check.mjs";
import Users from "lucide-react/dist/esm/icons/users.mjs";
import Webhook from "lucide-react/dist/esm/icons/webhook.mjs";
import WifiOff from "lucide-react/dist/esm/icons/wifi-off.mjs";
import Workflow from "lucide-react/dist/esm/icons/workflow.mjs";
import X from "lucide-react/dist/esm/icons/x.mjs";
import Zap from "lucide-react/dist/esm/icons/zap.mjs";
import ZoomIn from "lucide-react/dist/esm/icons/zoom-in.mjs";
import Contrast from "lucide-react/dist/esm/icons/contrast.mjs";
import Columns2 from "lucide-react/dist/esm/icons/columns-2.mjs";
import UserPlus from "lucide-react/dist/esm/icons/user-plus.mjs";
import Mail from "lucide-react/dist/esm/icons/mail.mjs";
import Star from "lucide-react/dist/esm/icons/star.mjs";

const ICONS = {
  "activity": Activity,
  "archive": Archive,
  "arrow-down": ArrowDown,
  "arrow-left": ArrowLeft,
  "arrow-right": ArrowRight,
  "arrow-up": ArrowUp,
  "ban": Ban,
  "bell": Bell,
  "building-2": Building2,
  "calendar-x": CalendarX,
  "chart-line": ChartLine,
  "check": Check,
  "chevron-down": ChevronDown,
  "chevron-left": ChevronLeft,
  "chevron-right": ChevronRight,
  "chevron-up": ChevronUp,
  "chevrons-up": ChevronsUp,
  "chevrons-up-down": ChevronsUpDown,
  "circle": Circle,
  "circle-alert": CircleAlert,
  "circle-check": CircleCheck,
  "circle-dashed": CircleDashed,
  "circle-help": CircleHelp,
  "circle-pause": CirclePause,
  "circle-user": CircleUser,
  "circle-x": CircleX,
  "clipboard-list": ClipboardList,
  "clock": Clock,
  "clock-alert": ClockAlert,
  "code": Code,
  "copy": Copy,
  "corner-up-left": CornerUpLeft,
  "credit-card": CreditCard,
  "download": Download,
  "ellipsis": Ellipsis,
  "external-link": ExternalLink,
  "eye": Eye,
  "eye-off": EyeOff,
  "file-check": FileCheck,
  "file-text": FileText,
  "file-x": FileX,
  "filter": Filter,
  "flag": Flag,
  "flask-conical": FlaskConical,
  "gauge": Gauge,
  "globe": Globe,
  "heart-pulse": HeartPulse,
  "history": History,
  "house": House,
  "inbox": Inbox,
  "info": Info,
  "key-round": KeyRound,
  "keyboard": Keyboard,
  "layers": Layers,
  "link": Link,
  "list-checks": ListChecks,
  "list-filter": ListFilter,
  "loader": Loader,
  "loader-circle": LoaderCircle,
  "lock": Lock,
  "log-out": LogOut,
  "maximize": Maximize,
  "menu": Menu,
  "message-square": MessageSquare,
  "minus": Minus,
  "monitor": Monitor,
  "moon": Moon,
  "pause": Pause,
  "pencil": Pencil,
  "play": Play,
  "plus": Plus,
  "receipt-text": ReceiptText,
  "refresh-cw": RefreshCw,
  "rotate-ccw": RotateCcw,
  "rotate-cw": RotateCw,
  "scan-face": ScanFace,
  "scan-line": ScanLine,
  "scale": Scale,
  "search": Search,
  "send": Send,
  "settings": Settings,
  "shield": Shield,
  "shield-alert": ShieldAlert,
  "shield-check": ShieldCheck,
  "shield-x": ShieldX,
  "sliders-horizontal": SlidersHorizontal,
  "skip-forward": SkipForward,
  "square-dashed-mouse-pointer": SquareDashedMousePointer,
  "sun": Sun,
  "table": Table,
  "tag": Tag,
  "trash-2": Trash2,
  "trending-up": TrendingUp,
  "triangle-alert": TriangleAlert,
  "undo-2": Undo2,
  "upload": Upload,
  "user": User,
  "user-round-check": UserRoundCheck,
  "users": Users,
  "webhook": Webhook,
  "wifi-off": WifiOff,
  "workflow": Workflow,
  "x": X,
  "zap": Zap,
  "zoom-in": ZoomIn,
  "contrast": Contrast,
  "columns-2": Columns2,
  "user-plus": UserPlus,
  "mail": Mail,
  "star": Star,
};

/** One of our icons by name; decorative unless it has a label. */
export function Icon({ name, size = 16, label, className = "" }) {
  const words = label ? { role: "img", "aria-label": label } : { "aria-hidden": true };
  return createElement(ICONS[name] ?? CircleHelp, { size, strokeWidth: 2, className: `icon ${className}`, ...words });
}
