//! What the types of UBL 2.1 hold: their children in order, and how often each may stand.
//!
//! `!` once, `?` at most once, `*` any number, `+` at least once.

use super::{Cac, Cbc, Ext, Name};

/// How often a child may stand in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurs {
    /// Whether it must stand at least once.
    pub(crate) required: bool,
    /// Whether it may stand more than once.
    pub(crate) repeats: bool,
}

/// A child a type may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Child {
    /// Its name.
    pub(crate) name: Name,
    /// How often it may stand.
    pub(crate) occurs: Occurs,
}

const fn child(name: Name, occurs: Occurs) -> Child {
    Child { name, occurs }
}

macro_rules! name {
    (cbc $name:ident) => {
        Name::Cbc(Cbc::$name)
    };
    (cac $name:ident) => {
        Name::Cac(Cac::$name)
    };
    (ext $name:ident) => {
        Name::Ext(Ext::$name)
    };
}

macro_rules! occurs {
    (!) => {
        Occurs { required: true, repeats: false }
    };
    (?) => {
        Occurs { required: false, repeats: false }
    };
    (*) => {
        Occurs { required: false, repeats: true }
    };
    (+) => {
        Occurs { required: true, repeats: true }
    };
}

macro_rules! children {
    ($($space:ident: $($name:ident $occurs:tt)*;)*) => {
        const { &[$($(child(name!($space $name), occurs!($occurs)),)*)*] }
    };
}

macro_rules! types {
    ($($of:ident { $($children:tt)* })*) => {
        /// A type of aggregate components, or of a document.
        #[allow(clippy::enum_variant_names, reason = "named as the standard writes them")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(crate) enum Type { $($of,)* }

        impl Type {
            /// Its children, in the order they must stand.
            pub(crate) const fn children(self) -> &'static [Child] {
                match self { $(Self::$of => children!($($children)*),)* }
            }
        }
    };
}

#[rustfmt::skip]
types! {
    Invoice {
        ext: UBLExtensions?;
        cbc: UBLVersionID? CustomizationID? ProfileID? ProfileExecutionID? ID! CopyIndicator? UUID? IssueDate!
             IssueTime? DueDate? InvoiceTypeCode? Note* TaxPointDate? DocumentCurrencyCode? TaxCurrencyCode?
             PricingCurrencyCode? PaymentCurrencyCode? PaymentAlternativeCurrencyCode? AccountingCostCode?
             AccountingCost? LineCountNumeric? BuyerReference?;
        cac: InvoicePeriod* OrderReference? BillingReference* DespatchDocumentReference* ReceiptDocumentReference*
             StatementDocumentReference* OriginatorDocumentReference* ContractDocumentReference*
             AdditionalDocumentReference* ProjectReference* Signature* AccountingSupplierParty!
             AccountingCustomerParty! PayeeParty? BuyerCustomerParty? SellerSupplierParty? TaxRepresentativeParty?
             Delivery* DeliveryTerms? PaymentMeans* PaymentTerms* PrepaidPayment* AllowanceCharge* TaxExchangeRate?
             PricingExchangeRate? PaymentExchangeRate? PaymentAlternativeExchangeRate? TaxTotal* WithholdingTaxTotal*
             LegalMonetaryTotal! InvoiceLine+;
    }
    CreditNote {
        ext: UBLExtensions?;
        cbc: UBLVersionID? CustomizationID? ProfileID? ProfileExecutionID? ID! CopyIndicator? UUID? IssueDate!
             IssueTime? TaxPointDate? CreditNoteTypeCode? Note* DocumentCurrencyCode? TaxCurrencyCode?
             PricingCurrencyCode? PaymentCurrencyCode? PaymentAlternativeCurrencyCode? AccountingCostCode?
             AccountingCost? LineCountNumeric? BuyerReference?;
        cac: InvoicePeriod* DiscrepancyResponse* OrderReference? BillingReference* DespatchDocumentReference*
             ReceiptDocumentReference* ContractDocumentReference* AdditionalDocumentReference*
             StatementDocumentReference* OriginatorDocumentReference* Signature* AccountingSupplierParty!
             AccountingCustomerParty! PayeeParty? BuyerCustomerParty? SellerSupplierParty? TaxRepresentativeParty?
             Delivery* DeliveryTerms* PaymentMeans* PaymentTerms* TaxExchangeRate? PricingExchangeRate?
             PaymentExchangeRate? PaymentAlternativeExchangeRate? AllowanceCharge* TaxTotal* LegalMonetaryTotal!
             CreditNoteLine+;
    }
    ActivityDataLine {
        cbc: ID! SupplyChainActivityTypeCode!;
        cac: BuyerCustomerParty? SellerSupplierParty? ActivityPeriod? ActivityOriginLocation! ActivityFinalLocation?
             SalesItem+;
    }
    ActivityProperty {
        cbc: Name! Value!;
    }
    Address {
        cbc: ID? AddressTypeCode? AddressFormatCode? Postbox? Floor? Room? StreetName? AdditionalStreetName?
             BlockName? BuildingName? BuildingNumber? InhouseMail? Department? MarkAttention? MarkCare?
             PlotIdentification? CitySubdivisionName? CityName? PostalZone? CountrySubentity? CountrySubentityCode?
             Region? District? TimezoneOffset?;
        cac: AddressLine* Country? LocationCoordinate*;
    }
    AddressLine {
        cbc: Line!;
    }
    AirTransport {
        cbc: AircraftID!;
    }
    AllowanceCharge {
        cbc: ID? ChargeIndicator! AllowanceChargeReasonCode? AllowanceChargeReason* MultiplierFactorNumeric?
             PrepaidIndicator? SequenceNumeric? Amount! BaseAmount? AccountingCostCode? AccountingCost?
             PerUnitAmount?;
        cac: TaxCategory* TaxTotal? PaymentMeans*;
    }
    AppealTerms {
        cbc: Description*;
        cac: PresentationPeriod? AppealInformationParty? AppealReceiverParty? MediationParty?;
    }
    Attachment {
        cbc: EmbeddedDocumentBinaryObject?;
        cac: ExternalReference?;
    }
    AuctionTerms {
        cbc: AuctionConstraintIndicator? JustificationDescription* Description* ProcessDescription*
             ConditionsDescription* ElectronicDeviceDescription* AuctionURI?;
    }
    AwardingCriterion {
        cbc: ID? AwardingCriterionTypeCode? Description* WeightNumeric? Weight* CalculationExpression*
             CalculationExpressionCode? MinimumQuantity? MaximumQuantity? MinimumAmount? MaximumAmount?
             MinimumImprovementBid*;
        cac: SubordinateAwardingCriterion*;
    }
    AwardingCriterionResponse {
        cbc: ID? AwardingCriterionID? AwardingCriterionDescription* Description* Quantity? Amount?;
        cac: SubordinateAwardingCriterionResponse*;
    }
    AwardingTerms {
        cbc: WeightingAlgorithmCode? Description* TechnicalCommitteeDescription* LowTendersDescription*
             PrizeIndicator? PrizeDescription* PaymentDescription* FollowupContractIndicator?
             BindingOnBuyerIndicator?;
        cac: AwardingCriterion* TechnicalCommitteePerson*;
    }
    BillingReference {
        cac: InvoiceDocumentReference? SelfBilledInvoiceDocumentReference? CreditNoteDocumentReference?
             SelfBilledCreditNoteDocumentReference? DebitNoteDocumentReference? ReminderDocumentReference?
             AdditionalDocumentReference? BillingReferenceLine*;
    }
    BillingReferenceLine {
        cbc: ID! Amount?;
        cac: AllowanceCharge*;
    }
    Branch {
        cbc: ID? Name?;
        cac: FinancialInstitution? Address?;
    }
    BudgetAccount {
        cbc: ID? BudgetYearNumeric?;
        cac: RequiredClassificationScheme?;
    }
    BudgetAccountLine {
        cbc: ID? TotalAmount?;
        cac: BudgetAccount*;
    }
    Capability {
        cbc: CapabilityTypeCode? Description* ValueAmount? ValueQuantity?;
        cac: EvidenceSupplied* ValidityPeriod?;
    }
    CardAccount {
        cbc: PrimaryAccountNumberID! NetworkID! CardTypeCode? ValidityStartDate? ExpiryDate? IssuerID? IssueNumberID?
             CV2ID? CardChipCode? ChipApplicationID? HolderName?;
    }
    CatalogueItemSpecificationUpdateLine {
        cbc: ID!;
        cac: ContractorCustomerParty? SellerSupplierParty? Item!;
    }
    CatalogueLine {
        cbc: ID! ActionCode? LifeCycleStatusCode? ContractSubdivision? Note* OrderableIndicator? OrderableUnit?
             ContentUnitQuantity? OrderQuantityIncrementNumeric? MinimumOrderQuantity? MaximumOrderQuantity?
             WarrantyInformation* PackLevelCode?;
        cac: ContractorCustomerParty? SellerSupplierParty? WarrantyParty? WarrantyValidityPeriod? LineValidityPeriod?
             ItemComparison* ComponentRelatedItem* AccessoryRelatedItem* RequiredRelatedItem* ReplacementRelatedItem*
             ComplementaryRelatedItem* ReplacedRelatedItem* RequiredItemLocationQuantity* DocumentReference* Item!
             KeywordItemProperty* CallForTendersLineReference? CallForTendersDocumentReference?;
    }
    CataloguePricingUpdateLine {
        cbc: ID!;
        cac: ContractorCustomerParty? SellerSupplierParty? RequiredItemLocationQuantity*;
    }
    CatalogueReference {
        cbc: ID! UUID? IssueDate? IssueTime? RevisionDate? RevisionTime? Note* Description* VersionID?
             PreviousVersionID?;
    }
    CatalogueRequestLine {
        cbc: ID! ContractSubdivision? Note*;
        cac: LineValidityPeriod? RequiredItemLocationQuantity* Item!;
    }
    Certificate {
        cbc: ID! CertificateTypeCode! CertificateType! Remarks*;
        cac: IssuerParty! DocumentReference* Signature*;
    }
    CertificateOfOriginApplication {
        cbc: ReferenceID! CertificateType! ApplicationStatusCode? OriginalJobID! PreviousJobID? Remarks*;
        cac: Shipment! EndorserParty+ PreparationParty! IssuerParty! ExporterParty? ImporterParty? IssuingCountry!
             DocumentDistribution* SupportingDocumentReference* Signature*;
    }
    ClassificationCategory {
        cbc: Name? CodeValue? Description*;
        cac: CategorizesClassificationCategory*;
    }
    ClassificationScheme {
        cbc: ID! UUID? LastRevisionDate? LastRevisionTime? Note* Name? Description* AgencyID? AgencyName? VersionID?
             URI? SchemeURI? LanguageID?;
        cac: ClassificationCategory+;
    }
    Clause {
        cbc: ID? Content*;
    }
    CommodityClassification {
        cbc: NatureCode? CargoTypeCode? CommodityCode? ItemClassificationCode?;
    }
    Communication {
        cbc: ChannelCode? Channel? Value?;
    }
    CompletedTask {
        cbc: AnnualAverageAmount? TotalTaskAmount? PartyCapacityAmount? Description*;
        cac: EvidenceSupplied* Period? RecipientCustomerParty?;
    }
    Condition {
        cbc: AttributeID! Measure? Description* MinimumMeasure? MaximumMeasure?;
    }
    Consignment {
        cbc: ID! CarrierAssignedID? ConsigneeAssignedID? ConsignorAssignedID? FreightForwarderAssignedID?
             BrokerAssignedID? ContractedCarrierAssignedID? PerformingCarrierAssignedID? SummaryDescription*
             TotalInvoiceAmount? DeclaredCustomsValueAmount? TariffDescription* TariffCode? InsurancePremiumAmount?
             GrossWeightMeasure? NetWeightMeasure? NetNetWeightMeasure? ChargeableWeightMeasure? GrossVolumeMeasure?
             NetVolumeMeasure? LoadingLengthMeasure? Remarks* HazardousRiskIndicator? AnimalFoodIndicator?
             HumanFoodIndicator? LivestockIndicator? BulkCargoIndicator? ContainerizedIndicator?
             GeneralCargoIndicator? SpecialSecurityIndicator? ThirdPartyPayerIndicator? CarrierServiceInstructions*
             CustomsClearanceServiceInstructions* ForwarderServiceInstructions* SpecialServiceInstructions*
             SequenceID? ShippingPriorityLevelCode? HandlingCode? HandlingInstructions* Information*
             TotalGoodsItemQuantity? TotalTransportHandlingUnitQuantity? InsuranceValueAmount?
             DeclaredForCarriageValueAmount? DeclaredStatisticsValueAmount? FreeOnBoardValueAmount?
             SpecialInstructions* SplitConsignmentIndicator? DeliveryInstructions* ConsignmentQuantity?
             ConsolidatableIndicator? HaulageInstructions* LoadingSequenceID? ChildConsignmentQuantity?
             TotalPackagesQuantity?;
        cac: ConsolidatedShipment* CustomsDeclaration* RequestedPickupTransportEvent? RequestedDeliveryTransportEvent?
             PlannedPickupTransportEvent? PlannedDeliveryTransportEvent? Status* ChildConsignment* ConsigneeParty?
             ExporterParty? ConsignorParty? ImporterParty? CarrierParty? FreightForwarderParty? NotifyParty?
             OriginalDespatchParty? FinalDeliveryParty? PerformingCarrierParty? SubstituteCarrierParty?
             LogisticsOperatorParty? TransportAdvisorParty? HazardousItemNotificationParty? InsuranceParty?
             MortgageHolderParty? BillOfLadingHolderParty? OriginalDepartureCountry? FinalDestinationCountry?
             TransitCountry* TransportContract? TransportEvent* OriginalDespatchTransportationService?
             FinalDeliveryTransportationService? DeliveryTerms? PaymentTerms? CollectPaymentTerms?
             DisbursementPaymentTerms? PrepaidPaymentTerms? FreightAllowanceCharge* ExtraAllowanceCharge*
             MainCarriageShipmentStage* PreCarriageShipmentStage* OnCarriageShipmentStage* TransportHandlingUnit*
             FirstArrivalPortLocation? LastExitPortLocation?;
    }
    Consumption {
        cbc: UtilityStatementTypeCode?;
        cac: MainPeriod? AllowanceCharge* TaxTotal* EnergyWaterSupply? TelecommunicationsSupply? LegalMonetaryTotal!;
    }
    ConsumptionAverage {
        cbc: AverageAmount? Description*;
    }
    ConsumptionCorrection {
        cbc: CorrectionType? CorrectionTypeCode? MeterNumber? GasPressureQuantity? ActualTemperatureReductionQuantity?
             NormalTemperatureReductionQuantity? DifferenceTemperatureReductionQuantity? Description*
             CorrectionUnitAmount? ConsumptionEnergyQuantity? ConsumptionWaterQuantity? CorrectionAmount?;
    }
    ConsumptionHistory {
        cbc: MeterNumber? Quantity! Amount? ConsumptionLevelCode? ConsumptionLevel? Description*;
        cac: Period!;
    }
    ConsumptionLine {
        cbc: ID! ParentDocumentLineReferenceID? InvoicedQuantity! LineExtensionAmount!;
        cac: Period? Delivery* AllowanceCharge* TaxTotal* UtilityItem! Price? UnstructuredPrice?;
    }
    ConsumptionPoint {
        cbc: ID! Description* SubscriberID? SubscriberType? SubscriberTypeCode? TotalDeliveredQuantity?;
        cac: Address? WebSiteAccess? UtilityMeter*;
    }
    ConsumptionReport {
        cbc: ID! ConsumptionType? ConsumptionTypeCode? Description* TotalConsumedQuantity? BasicConsumedQuantity?
             ResidentOccupantsNumeric? ConsumersEnergyLevelCode? ConsumersEnergyLevel? ResidenceType?
             ResidenceTypeCode? HeatingType? HeatingTypeCode?;
        cac: Period? GuidanceDocumentReference? DocumentReference? ConsumptionReportReference* ConsumptionHistory*;
    }
    ConsumptionReportReference {
        cbc: ConsumptionReportID! ConsumptionType? ConsumptionTypeCode? TotalConsumedQuantity!;
        cac: Period!;
    }
    Contact {
        cbc: ID? Name? Telephone? Telefax? ElectronicMail? Note*;
        cac: OtherCommunication*;
    }
    Contract {
        cbc: ID? IssueDate? IssueTime? NominationDate? NominationTime? ContractTypeCode? ContractType? Note*
             VersionID? Description*;
        cac: ValidityPeriod? ContractDocumentReference* NominationPeriod? ContractualDelivery?;
    }
    ContractExecutionRequirement {
        cbc: Name* ExecutionRequirementCode? Description*;
    }
    ContractExtension {
        cbc: OptionsDescription* MinimumNumberNumeric? MaximumNumberNumeric?;
        cac: OptionValidityPeriod? Renewal*;
    }
    ContractingActivity {
        cbc: ActivityTypeCode? ActivityType?;
    }
    ContractingParty {
        cbc: BuyerProfileURI?;
        cac: ContractingPartyType* ContractingActivity* Party!;
    }
    ContractingPartyType {
        cbc: PartyTypeCode? PartyType?;
    }
    CorporateRegistrationScheme {
        cbc: ID? Name? CorporateRegistrationTypeCode?;
        cac: JurisdictionRegionAddress*;
    }
    Country {
        cbc: IdentificationCode? Name?;
    }
    CreditAccount {
        cbc: AccountID!;
    }
    CreditNoteLine {
        cbc: ID! UUID? Note* CreditedQuantity? LineExtensionAmount? TaxPointDate? AccountingCostCode? AccountingCost?
             PaymentPurposeCode? FreeOfChargeIndicator?;
        cac: InvoicePeriod* OrderLineReference* DiscrepancyResponse* DespatchLineReference* ReceiptLineReference*
             BillingReference* DocumentReference* PricingReference? OriginatorParty? Delivery* PaymentTerms* TaxTotal*
             AllowanceCharge* Item? Price? DeliveryTerms* SubCreditNoteLine* ItemPriceExtension?;
    }
    CustomerParty {
        cbc: CustomerAssignedAccountID? SupplierAssignedAccountID? AdditionalAccountID*;
        cac: Party? DeliveryContact? AccountingContact? BuyerContact?;
    }
    CustomsDeclaration {
        cbc: ID!;
        cac: IssuerParty?;
    }
    DebitNoteLine {
        cbc: ID! UUID? Note* DebitedQuantity? LineExtensionAmount! TaxPointDate? AccountingCostCode? AccountingCost?
             PaymentPurposeCode?;
        cac: DiscrepancyResponse* DespatchLineReference* ReceiptLineReference* BillingReference* DocumentReference*
             PricingReference? Delivery* TaxTotal* AllowanceCharge* Item? Price? SubDebitNoteLine*;
    }
    Declaration {
        cbc: Name* DeclarationTypeCode? Description*;
        cac: EvidenceSupplied*;
    }
    Delivery {
        cbc: ID? Quantity? MinimumQuantity? MaximumQuantity? ActualDeliveryDate? ActualDeliveryTime?
             LatestDeliveryDate? LatestDeliveryTime? ReleaseID? TrackingID?;
        cac: DeliveryAddress? DeliveryLocation? AlternativeDeliveryLocation? RequestedDeliveryPeriod?
             PromisedDeliveryPeriod? EstimatedDeliveryPeriod? CarrierParty? DeliveryParty? NotifyParty* Despatch?
             DeliveryTerms* MinimumDeliveryUnit? MaximumDeliveryUnit? Shipment?;
    }
    DeliveryTerms {
        cbc: ID? SpecialTerms* LossRiskResponsibilityCode? LossRisk* Amount?;
        cac: DeliveryLocation? AllowanceCharge?;
    }
    DeliveryUnit {
        cbc: BatchQuantity! ConsumerUnitQuantity? HazardousRiskIndicator?;
    }
    DependentPriceReference {
        cbc: Percent?;
        cac: LocationAddress? DependentLineReference?;
    }
    Despatch {
        cbc: ID? RequestedDespatchDate? RequestedDespatchTime? EstimatedDespatchDate? EstimatedDespatchTime?
             ActualDespatchDate? ActualDespatchTime? GuaranteedDespatchDate? GuaranteedDespatchTime? ReleaseID?
             Instructions*;
        cac: DespatchAddress? DespatchLocation? DespatchParty? CarrierParty? NotifyParty* Contact?
             EstimatedDespatchPeriod? RequestedDespatchPeriod?;
    }
    DespatchLine {
        cbc: ID! UUID? Note* LineStatusCode? DeliveredQuantity? BackorderQuantity? BackorderReason*
             OutstandingQuantity? OutstandingReason* OversupplyQuantity?;
        cac: OrderLineReference+ DocumentReference* Item! Shipment*;
    }
    Dimension {
        cbc: AttributeID! Measure? Description* MinimumMeasure? MaximumMeasure?;
    }
    DocumentDistribution {
        cbc: PrintQualifier! MaximumCopiesNumeric!;
        cac: Party!;
    }
    DocumentReference {
        cbc: ID! CopyIndicator? UUID? IssueDate? IssueTime? DocumentTypeCode? DocumentType? XPath* LanguageID?
             LocaleCode? VersionID? DocumentStatusCode? DocumentDescription*;
        cac: Attachment? ValidityPeriod? IssuerParty? ResultOfVerification?;
    }
    DocumentResponse {
        cac: Response! DocumentReference+ IssuerParty? RecipientParty? LineResponse*;
    }
    Duty {
        cbc: Amount! Duty? DutyCode?;
        cac: TaxCategory?;
    }
    EconomicOperatorRole {
        cbc: RoleCode? RoleDescription*;
    }
    EconomicOperatorShortList {
        cbc: LimitationDescription* ExpectedQuantity? MaximumQuantity? MinimumQuantity?;
        cac: PreSelectedParty*;
    }
    EmissionCalculationMethod {
        cbc: CalculationMethodCode? FullnessIndicationCode?;
        cac: MeasurementFromLocation? MeasurementToLocation?;
    }
    Endorsement {
        cbc: DocumentID! ApprovalStatus! Remarks*;
        cac: EndorserParty! Signature*;
    }
    EndorserParty {
        cbc: RoleCode! SequenceNumeric!;
        cac: Party! SignatoryContact!;
    }
    EnergyTaxReport {
        cbc: TaxEnergyAmount? TaxEnergyOnAccountAmount? TaxEnergyBalanceAmount?;
        cac: TaxScheme!;
    }
    EnergyWaterSupply {
        cac: ConsumptionReport* EnergyTaxReport* ConsumptionAverage* EnergyWaterConsumptionCorrection*;
    }
    EnvironmentalEmission {
        cbc: EnvironmentalEmissionTypeCode! ValueMeasure! Description*;
        cac: EmissionCalculationMethod*;
    }
    EvaluationCriterion {
        cbc: EvaluationCriterionTypeCode? Description* ThresholdAmount? ThresholdQuantity? ExpressionCode?
             Expression*;
        cac: DurationPeriod? SuggestedEvidence*;
    }
    Event {
        cbc: IdentificationID? OccurrenceDate? OccurrenceTime? TypeCode? Description* CompletionIndicator?;
        cac: CurrentStatus* Contact* OccurenceLocation?;
    }
    EventComment {
        cbc: Comment! IssueDate? IssueTime?;
    }
    EventLineItem {
        cbc: LineNumberNumeric?;
        cac: ParticipatingLocationsLocation? RetailPlannedImpact* SupplyItem!;
    }
    EventTactic {
        cbc: Comment? Quantity?;
        cac: EventTacticEnumeration! Period?;
    }
    EventTacticEnumeration {
        cbc: ConsumerIncentiveTacticTypeCode? DisplayTacticTypeCode? FeatureTacticTypeCode?
             TradeItemPackingLabelingTypeCode?;
    }
    Evidence {
        cbc: ID? EvidenceTypeCode? Description* CandidateStatement*;
        cac: EvidenceIssuingParty? DocumentReference? Language?;
    }
    EvidenceSupplied {
        cbc: ID!;
    }
    ExceptionCriteriaLine {
        cbc: ID! Note* ThresholdValueComparisonCode! ThresholdQuantity! ExceptionStatusCode?
             CollaborationPriorityCode? ExceptionResolutionCode? SupplyChainActivityTypeCode?
             PerformanceMetricTypeCode?;
        cac: EffectivePeriod? SupplyItem+ ForecastExceptionCriterionLine?;
    }
    ExceptionNotificationLine {
        cbc: ID! Note* Description* ExceptionStatusCode? CollaborationPriorityCode? ResolutionCode?
             ComparedValueMeasure! SourceValueMeasure! VarianceQuantity? SupplyChainActivityTypeCode?
             PerformanceMetricTypeCode?;
        cac: ExceptionObservationPeriod? DocumentReference* ForecastException? SupplyItem!;
    }
    ExchangeRate {
        cbc: SourceCurrencyCode! SourceCurrencyBaseRate? TargetCurrencyCode! TargetCurrencyBaseRate? ExchangeMarketID?
             CalculationRate? MathematicOperatorCode? Date?;
        cac: ForeignExchangeContract?;
    }
    ExternalReference {
        cbc: URI? DocumentHash? HashAlgorithmMethod? ExpiryDate? ExpiryTime? MimeCode? FormatCode? EncodingCode?
             CharacterSetCode? FileName? Description*;
    }
    FinancialAccount {
        cbc: ID? Name? AliasName? AccountTypeCode? AccountFormatCode? CurrencyCode? PaymentNote*;
        cac: FinancialInstitutionBranch? Country?;
    }
    FinancialGuarantee {
        cbc: GuaranteeTypeCode! Description* LiabilityAmount? AmountRate?;
        cac: ConstitutionPeriod?;
    }
    FinancialInstitution {
        cbc: ID? Name?;
        cac: Address?;
    }
    ForecastException {
        cbc: ForecastPurposeCode! ForecastTypeCode! IssueDate! IssueTime? DataSourceCode! ComparisonDataCode?
             ComparisonForecastIssueTime? ComparisonForecastIssueDate?;
    }
    ForecastExceptionCriterionLine {
        cbc: ForecastPurposeCode! ForecastTypeCode! ComparisonDataSourceCode? DataSourceCode! TimeDeltaDaysQuantity?;
    }
    ForecastLine {
        cbc: ID! Note* FrozenDocumentIndicator? ForecastTypeCode!;
        cac: ForecastPeriod? SalesItem?;
    }
    ForecastRevisionLine {
        cbc: ID! Note* Description* RevisedForecastLineID! SourceForecastIssueDate! SourceForecastIssueTime!
             AdjustmentReasonCode?;
        cac: ForecastPeriod? SalesItem?;
    }
    FrameworkAgreement {
        cbc: ExpectedOperatorQuantity? MaximumOperatorQuantity? Justification* Frequency*;
        cac: DurationPeriod? SubsequentProcessTenderRequirement*;
    }
    GoodsItem {
        cbc: ID? SequenceNumberID? Description* HazardousRiskIndicator? DeclaredCustomsValueAmount?
             DeclaredForCarriageValueAmount? DeclaredStatisticsValueAmount? FreeOnBoardValueAmount?
             InsuranceValueAmount? ValueAmount? GrossWeightMeasure? NetWeightMeasure? NetNetWeightMeasure?
             ChargeableWeightMeasure? GrossVolumeMeasure? NetVolumeMeasure? Quantity? PreferenceCriterionCode?
             RequiredCustomsID? CustomsStatusCode? CustomsTariffQuantity? CustomsImportClassifiedIndicator?
             ChargeableQuantity? ReturnableQuantity? TraceID?;
        cac: Item* GoodsItemContainer* FreightAllowanceCharge* InvoiceLine* Temperature* ContainedGoodsItem*
             OriginAddress? Delivery? Pickup? Despatch? MeasurementDimension* ContainingPackage*
             ShipmentDocumentReference? MinimumTemperature? MaximumTemperature?;
    }
    GoodsItemContainer {
        cbc: ID! Quantity?;
        cac: TransportEquipment*;
    }
    HazardousGoodsTransit {
        cbc: TransportEmergencyCardCode? PackingCriteriaCode? HazardousRegulationCode? InhalationToxicityZoneCode?
             TransportAuthorizationCode?;
        cac: MaximumTemperature? MinimumTemperature?;
    }
    HazardousItem {
        cbc: ID? PlacardNotation? PlacardEndorsement? AdditionalInformation* UNDGCode? EmergencyProceduresCode?
             MedicalFirstAidGuideCode? TechnicalName? CategoryName? HazardousCategoryCode? UpperOrangeHazardPlacardID?
             LowerOrangeHazardPlacardID? MarkingID? HazardClassID? NetWeightMeasure? NetVolumeMeasure? Quantity?;
        cac: ContactParty? SecondaryHazard* HazardousGoodsTransit* EmergencyTemperature? FlashpointTemperature?
             AdditionalTemperature*;
    }
    ImmobilizedSecurity {
        cbc: ImmobilizationCertificateID? SecurityID? IssueDate? FaceValueAmount? MarketValueAmount?
             SharesNumberQuantity?;
        cac: IssuerParty?;
    }
    InstructionForReturnsLine {
        cbc: ID! Note* Quantity!;
        cac: ManufacturerParty? Item!;
    }
    InventoryReportLine {
        cbc: ID! Note* Quantity! InventoryValueAmount? AvailabilityDate? AvailabilityStatusCode?;
        cac: Item! InventoryLocation?;
    }
    InvoiceLine {
        cbc: ID! UUID? Note* InvoicedQuantity? LineExtensionAmount! TaxPointDate? AccountingCostCode? AccountingCost?
             PaymentPurposeCode? FreeOfChargeIndicator?;
        cac: InvoicePeriod* OrderLineReference* DespatchLineReference* ReceiptLineReference* BillingReference*
             DocumentReference* PricingReference? OriginatorParty? Delivery* PaymentTerms* AllowanceCharge* TaxTotal*
             WithholdingTaxTotal* Item! Price? DeliveryTerms? SubInvoiceLine* ItemPriceExtension?;
    }
    Item {
        cbc: Description* PackQuantity? PackSizeNumeric? CatalogueIndicator? Name? HazardousRiskIndicator?
             AdditionalInformation* Keyword* BrandName* ModelName*;
        cac: BuyersItemIdentification? SellersItemIdentification? ManufacturersItemIdentification*
             StandardItemIdentification? CatalogueItemIdentification? AdditionalItemIdentification*
             CatalogueDocumentReference? ItemSpecificationDocumentReference* OriginCountry? CommodityClassification*
             TransactionConditions* HazardousItem* ClassifiedTaxCategory* AdditionalItemProperty* ManufacturerParty*
             InformationContentProviderParty? OriginAddress* ItemInstance* Certificate* Dimension*;
    }
    ItemComparison {
        cbc: PriceAmount? Quantity?;
    }
    ItemIdentification {
        cbc: ID! ExtendedID? BarcodeSymbologyID?;
        cac: PhysicalAttribute* MeasurementDimension* IssuerParty?;
    }
    ItemInformationRequestLine {
        cbc: TimeFrequencyCode? SupplyChainActivityTypeCode? ForecastTypeCode? PerformanceMetricTypeCode?;
        cac: Period+ SalesItem+;
    }
    ItemInstance {
        cbc: ProductTraceID? ManufactureDate? ManufactureTime? BestBeforeDate? RegistrationID? SerialID?;
        cac: AdditionalItemProperty* LotIdentification?;
    }
    ItemLocationQuantity {
        cbc: LeadTimeMeasure? MinimumQuantity? MaximumQuantity? HazardousRiskIndicator? TradingRestrictions*;
        cac: ApplicableTerritoryAddress* Price? DeliveryUnit* ApplicableTaxCategory* Package? AllowanceCharge*
             DependentPriceReference?;
    }
    ItemManagementProfile {
        cbc: FrozenPeriodDaysNumeric? MinimumInventoryQuantity? MultipleOrderQuantity? OrderIntervalDaysNumeric?
             ReplenishmentOwnerDescription* TargetServicePercent? TargetInventoryQuantity?;
        cac: EffectivePeriod! Item! ItemLocationQuantity?;
    }
    ItemProperty {
        cbc: ID? Name! NameCode? TestMethod? Value? ValueQuantity? ValueQualifier* ImportanceCode? ListValue*;
        cac: UsabilityPeriod? ItemPropertyGroup* RangeDimension? ItemPropertyRange?;
    }
    ItemPropertyGroup {
        cbc: ID! Name? ImportanceCode?;
    }
    ItemPropertyRange {
        cbc: MinimumValue? MaximumValue?;
    }
    Language {
        cbc: ID? Name? LocaleCode?;
    }
    LineItem {
        cbc: ID! SalesOrderID? UUID? Note* LineStatusCode? Quantity? LineExtensionAmount? TotalTaxAmount?
             MinimumQuantity? MaximumQuantity? MinimumBackorderQuantity? MaximumBackorderQuantity?
             InspectionMethodCode? PartialDeliveryIndicator? BackOrderAllowedIndicator? AccountingCostCode?
             AccountingCost? WarrantyInformation*;
        cac: Delivery* DeliveryTerms? OriginatorParty? OrderedShipment* PricingReference? AllowanceCharge* Price?
             Item! SubLineItem* WarrantyValidityPeriod? WarrantyParty? TaxTotal* ItemPriceExtension? LineReference*;
    }
    LineReference {
        cbc: LineID! UUID? LineStatusCode?;
        cac: DocumentReference?;
    }
    LineResponse {
        cac: LineReference! Response+;
    }
    Location {
        cbc: ID? Description* Conditions* CountrySubentity? CountrySubentityCode? LocationTypeCode? InformationURI?
             Name?;
        cac: ValidityPeriod* Address? SubsidiaryLocation* LocationCoordinate*;
    }
    LocationCoordinate {
        cbc: CoordinateSystemCode? LatitudeDegreesMeasure? LatitudeMinutesMeasure? LatitudeDirectionCode?
             LongitudeDegreesMeasure? LongitudeMinutesMeasure? LongitudeDirectionCode? AltitudeMeasure?;
    }
    LotIdentification {
        cbc: LotNumberID? ExpiryDate?;
        cac: AdditionalItemProperty*;
    }
    MaritimeTransport {
        cbc: VesselID? VesselName? RadioCallSignID? ShipsRequirements* GrossTonnageMeasure? NetTonnageMeasure?;
        cac: RegistryCertificateDocumentReference? RegistryPortLocation?;
    }
    Meter {
        cbc: MeterNumber? MeterName? MeterConstant? MeterConstantCode? TotalDeliveredQuantity?;
        cac: MeterReading* MeterProperty*;
    }
    MeterProperty {
        cbc: Name? NameCode? Value? ValueQuantity? ValueQualifier*;
    }
    MeterReading {
        cbc: ID? MeterReadingType? MeterReadingTypeCode? PreviousMeterReadingDate! PreviousMeterQuantity!
             LatestMeterReadingDate! LatestMeterQuantity! PreviousMeterReadingMethod? PreviousMeterReadingMethodCode?
             LatestMeterReadingMethod? LatestMeterReadingMethodCode? MeterReadingComments* DeliveredQuantity!;
    }
    MiscellaneousEvent {
        cbc: MiscellaneousEventTypeCode!;
        cac: EventLineItem+;
    }
    MonetaryTotal {
        cbc: LineExtensionAmount? TaxExclusiveAmount? TaxInclusiveAmount? AllowanceTotalAmount? ChargeTotalAmount?
             PrepaidAmount? PayableRoundingAmount? PayableAmount! PayableAlternativeAmount?;
    }
    NotificationRequirement {
        cbc: NotificationTypeCode! PostEventNotificationDurationMeasure? PreEventNotificationDurationMeasure?;
        cac: NotifyParty* NotificationPeriod* NotificationLocation*;
    }
    OnAccountPayment {
        cbc: EstimatedConsumedQuantity! Note*;
        cac: PaymentTerms+;
    }
    OrderLine {
        cbc: SubstitutionStatusCode? Note*;
        cac: LineItem! SellerProposedSubstituteLineItem* SellerSubstitutedLineItem* BuyerProposedSubstituteLineItem*
             CatalogueLineReference? QuotationLineReference? OrderLineReference* DocumentReference*;
    }
    OrderLineReference {
        cbc: LineID! SalesOrderLineID? UUID? LineStatusCode?;
        cac: OrderReference?;
    }
    OrderReference {
        cbc: ID! SalesOrderID? CopyIndicator? UUID? IssueDate? IssueTime? CustomerReference? OrderTypeCode?;
        cac: DocumentReference?;
    }
    OrderedShipment {
        cac: Shipment! Package*;
    }
    Package {
        cbc: ID? Quantity? ReturnableMaterialIndicator? PackageLevelCode? PackagingTypeCode? PackingMaterial*
             TraceID?;
        cac: ContainedPackage* ContainingTransportEquipment? GoodsItem* MeasurementDimension* DeliveryUnit* Delivery?
             Pickup? Despatch?;
    }
    Party {
        cbc: MarkCareIndicator? MarkAttentionIndicator? WebsiteURI? LogoReferenceID? EndpointID?
             IndustryClassificationCode?;
        cac: PartyIdentification* PartyName* Language? PostalAddress? PhysicalLocation? PartyTaxScheme*
             PartyLegalEntity* Contact? Person* AgentParty? ServiceProviderParty* PowerOfAttorney* FinancialAccount?;
    }
    PartyIdentification {
        cbc: ID!;
    }
    PartyLegalEntity {
        cbc: RegistrationName? CompanyID? RegistrationDate? RegistrationExpirationDate? CompanyLegalFormCode?
             CompanyLegalForm? SoleProprietorshipIndicator? CompanyLiquidationStatusCode? CorporateStockAmount?
             FullyPaidSharesIndicator?;
        cac: RegistrationAddress? CorporateRegistrationScheme? HeadOfficeParty? ShareholderParty*;
    }
    PartyName {
        cbc: Name!;
    }
    PartyTaxScheme {
        cbc: RegistrationName? CompanyID? TaxLevelCode? ExemptionReasonCode? ExemptionReason*;
        cac: RegistrationAddress? TaxScheme!;
    }
    Payment {
        cbc: ID? PaidAmount? ReceivedDate? PaidDate? PaidTime? InstructionID?;
    }
    PaymentMandate {
        cbc: ID? MandateTypeCode? MaximumPaymentInstructionsNumeric? MaximumPaidAmount? SignatureID?;
        cac: PayerParty? PayerFinancialAccount? ValidityPeriod? PaymentReversalPeriod? Clause*;
    }
    PaymentMeans {
        cbc: ID? PaymentMeansCode! PaymentDueDate? PaymentChannelCode? InstructionID? InstructionNote* PaymentID*;
        cac: CardAccount? PayerFinancialAccount? PayeeFinancialAccount? CreditAccount? PaymentMandate?
             TradeFinancing?;
    }
    PaymentTerms {
        cbc: ID? PaymentMeansID* PrepaidPaymentReferenceID? Note* ReferenceEventCode? SettlementDiscountPercent?
             PenaltySurchargePercent? PaymentPercent? Amount? SettlementDiscountAmount? PenaltyAmount?
             PaymentTermsDetailsURI? PaymentDueDate? InstallmentDueDate? InvoicingPartyReference?;
        cac: SettlementPeriod? PenaltyPeriod? ExchangeRate? ValidityPeriod?;
    }
    PerformanceDataLine {
        cbc: ID! Note* PerformanceValueQuantity! PerformanceMetricTypeCode!;
        cac: Period? Item?;
    }
    Period {
        cbc: StartDate? StartTime? EndDate? EndTime? DurationMeasure? DescriptionCode* Description*;
    }
    Person {
        cbc: ID? FirstName? FamilyName? Title? MiddleName? OtherName? NameSuffix? JobTitle? NationalityID? GenderCode?
             BirthDate? BirthplaceName? OrganizationDepartment?;
        cac: Contact? FinancialAccount? IdentityDocumentReference* ResidenceAddress?;
    }
    PhysicalAttribute {
        cbc: AttributeID! PositionCode? DescriptionCode? Description*;
    }
    Pickup {
        cbc: ID? ActualPickupDate? ActualPickupTime? EarliestPickupDate? EarliestPickupTime? LatestPickupDate?
             LatestPickupTime?;
        cac: PickupLocation? PickupParty?;
    }
    PowerOfAttorney {
        cbc: ID? IssueDate? IssueTime? Description*;
        cac: NotaryParty? AgentParty! WitnessParty* MandateDocumentReference*;
    }
    Price {
        cbc: PriceAmount! BaseQuantity? PriceChangeReason* PriceTypeCode? PriceType? OrderableUnitFactorRate?;
        cac: ValidityPeriod* PriceList? AllowanceCharge* PricingExchangeRate?;
    }
    PriceExtension {
        cbc: Amount!;
        cac: TaxTotal*;
    }
    PriceList {
        cbc: ID? StatusCode?;
        cac: ValidityPeriod* PreviousPriceList?;
    }
    PricingReference {
        cac: OriginalItemLocationQuantity? AlternativeConditionPrice*;
    }
    ProcessJustification {
        cbc: PreviousCancellationReasonCode? ProcessReasonCode? ProcessReason* Description*;
    }
    ProcurementProject {
        cbc: ID? Name+ Description* ProcurementTypeCode? ProcurementSubTypeCode? QualityControlCode?
             RequiredFeeAmount? FeeDescription* RequestedDeliveryDate? EstimatedOverallContractQuantity? Note*;
        cac: RequestedTenderTotal? MainCommodityClassification? AdditionalCommodityClassification* RealizedLocation*
             PlannedPeriod? ContractExtension? RequestForTenderLine*;
    }
    ProcurementProjectLot {
        cbc: ID!;
        cac: TenderingTerms? ProcurementProject?;
    }
    ProjectReference {
        cbc: ID! UUID? IssueDate?;
        cac: WorkPhaseReference*;
    }
    PromotionalEvent {
        cbc: PromotionalEventTypeCode! SubmissionDate? FirstShipmentAvailibilityDate? LatestProposalAcceptanceDate?;
        cac: PromotionalSpecification+;
    }
    PromotionalEventLineItem {
        cbc: Amount!;
        cac: EventLineItem!;
    }
    PromotionalSpecification {
        cbc: SpecificationID?;
        cac: PromotionalEventLineItem+ EventTactic*;
    }
    QualificationResolution {
        cbc: AdmissionCode! ExclusionReason* Resolution* ResolutionDate! ResolutionTime?;
        cac: ProcurementProjectLot?;
    }
    QualifyingParty {
        cbc: ParticipationPercent? PersonalSituation* OperatingYearsQuantity? EmployeeQuantity?
             BusinessClassificationEvidenceID? BusinessIdentityEvidenceID? TendererRoleCode?;
        cac: BusinessClassificationScheme? TechnicalCapability* FinancialCapability* CompletedTask* Declaration*
             Party? EconomicOperatorRole?;
    }
    QuotationLine {
        cbc: ID? Note* Quantity? LineExtensionAmount? TotalTaxAmount? RequestForQuotationLineID?;
        cac: DocumentReference* LineItem! SellerProposedSubstituteLineItem* AlternativeLineItem*
             RequestLineReference?;
    }
    RailTransport {
        cbc: TrainID! RailCarID?;
    }
    ReceiptLine {
        cbc: ID! UUID? Note* ReceivedQuantity? ShortQuantity? ShortageActionCode? RejectedQuantity? RejectReasonCode?
             RejectReason* RejectActionCode? QuantityDiscrepancyCode? OversupplyQuantity? ReceivedDate?
             TimingComplaintCode? TimingComplaint?;
        cac: OrderLineReference? DespatchLineReference* DocumentReference* Item* Shipment*;
    }
    Regulation {
        cbc: Name! LegalReference? OntologyURI?;
    }
    RelatedItem {
        cbc: ID? Quantity? Description*;
    }
    ReminderLine {
        cbc: ID! Note* UUID? BalanceBroughtForwardIndicator? DebitLineAmount? CreditLineAmount? AccountingCostCode?
             AccountingCost? PenaltySurchargePercent? Amount? PaymentPurposeCode?;
        cac: ReminderPeriod* BillingReference* ExchangeRate?;
    }
    RemittanceAdviceLine {
        cbc: ID! Note* UUID? DebitLineAmount? CreditLineAmount? BalanceAmount? PaymentPurposeCode?
             InvoicingPartyReference?;
        cac: AccountingSupplierParty? AccountingCustomerParty? BuyerCustomerParty? SellerSupplierParty?
             OriginatorCustomerParty? PayeeParty? InvoicePeriod* BillingReference* DocumentReference* ExchangeRate?;
    }
    Renewal {
        cbc: Amount?;
        cac: Period?;
    }
    RequestForQuotationLine {
        cbc: ID? UUID? Note* OptionalLineItemIndicator? PrivacyCode? SecurityClassificationCode?;
        cac: DocumentReference* LineItem!;
    }
    RequestForTenderLine {
        cbc: ID? UUID? Note* Quantity? MinimumQuantity? MaximumQuantity? TaxIncludedIndicator? MinimumAmount?
             MaximumAmount? EstimatedAmount?;
        cac: DocumentReference* DeliveryPeriod* RequiredItemLocationQuantity* WarrantyValidityPeriod? Item!
             SubRequestForTenderLine*;
    }
    RequestedTenderTotal {
        cbc: EstimatedOverallContractAmount? TotalAmount? TaxIncludedIndicator? MinimumAmount? MaximumAmount?
             MonetaryScope* AverageSubsequentContractAmount?;
        cac: ApplicableTaxCategory*;
    }
    Response {
        cbc: ReferenceID? ResponseCode? Description* EffectiveDate? EffectiveTime?;
        cac: Status*;
    }
    ResultOfVerification {
        cbc: ValidatorID? ValidationResultCode? ValidationDate? ValidationTime? ValidateProcess? ValidateTool?
             ValidateToolVersion?;
        cac: SignatoryParty?;
    }
    RetailPlannedImpact {
        cbc: Amount! ForecastPurposeCode! ForecastTypeCode!;
        cac: Period?;
    }
    RoadTransport {
        cbc: LicensePlateID!;
    }
    SalesItem {
        cbc: Quantity!;
        cac: ActivityProperty* TaxExclusivePrice* TaxInclusivePrice* Item!;
    }
    SecondaryHazard {
        cbc: ID? PlacardNotation? PlacardEndorsement? EmergencyProceduresCode? Extension*;
    }
    ServiceFrequency {
        cbc: WeekDayCode!;
    }
    ServiceProviderParty {
        cbc: ID? ServiceTypeCode? ServiceType*;
        cac: Party! SellerContact?;
    }
    ShareholderParty {
        cbc: PartecipationPercent?;
        cac: Party?;
    }
    Shipment {
        cbc: ID! ShippingPriorityLevelCode? HandlingCode? HandlingInstructions* Information* GrossWeightMeasure?
             NetWeightMeasure? NetNetWeightMeasure? GrossVolumeMeasure? NetVolumeMeasure? TotalGoodsItemQuantity?
             TotalTransportHandlingUnitQuantity? InsuranceValueAmount? DeclaredCustomsValueAmount?
             DeclaredForCarriageValueAmount? DeclaredStatisticsValueAmount? FreeOnBoardValueAmount?
             SpecialInstructions* DeliveryInstructions* SplitConsignmentIndicator? ConsignmentQuantity?;
        cac: Consignment* GoodsItem* ShipmentStage* Delivery? TransportHandlingUnit* ReturnAddress? OriginAddress?
             FirstArrivalPortLocation? LastExitPortLocation? ExportCountry? FreightAllowanceCharge*;
    }
    ShipmentStage {
        cbc: ID? TransportModeCode? TransportMeansTypeCode? TransitDirectionCode? PreCarriageIndicator?
             OnCarriageIndicator? EstimatedDeliveryDate? EstimatedDeliveryTime? RequiredDeliveryDate?
             RequiredDeliveryTime? LoadingSequenceID? SuccessiveSequenceID? Instructions* DemurrageInstructions*
             CrewQuantity? PassengerQuantity?;
        cac: TransitPeriod? CarrierParty* TransportMeans? LoadingPortLocation? UnloadingPortLocation?
             TransshipPortLocation? LoadingTransportEvent? ExaminationTransportEvent? AvailabilityTransportEvent?
             ExportationTransportEvent? DischargeTransportEvent? WarehousingTransportEvent? TakeoverTransportEvent?
             OptionalTakeoverTransportEvent? DropoffTransportEvent? ActualPickupTransportEvent?
             DeliveryTransportEvent? ReceiptTransportEvent? StorageTransportEvent? AcceptanceTransportEvent?
             TerminalOperatorParty? CustomsAgentParty? EstimatedTransitPeriod? FreightAllowanceCharge*
             FreightChargeLocation? DetentionTransportEvent* RequestedDepartureTransportEvent?
             RequestedArrivalTransportEvent? RequestedWaypointTransportEvent* PlannedDepartureTransportEvent?
             PlannedArrivalTransportEvent? PlannedWaypointTransportEvent* ActualDepartureTransportEvent?
             ActualWaypointTransportEvent? ActualArrivalTransportEvent? TransportEvent*
             EstimatedDepartureTransportEvent? EstimatedArrivalTransportEvent? PassengerPerson* DriverPerson*
             ReportingPerson? CrewMemberPerson* SecurityOfficerPerson? MasterPerson? ShipsSurgeonPerson?;
    }
    Signature {
        cbc: ID! Note* ValidationDate? ValidationTime? ValidatorID? CanonicalizationMethod? SignatureMethod?;
        cac: SignatoryParty? DigitalSignatureAttachment? OriginalDocumentReference?;
    }
    StatementLine {
        cbc: ID! Note* UUID? BalanceBroughtForwardIndicator? DebitLineAmount? CreditLineAmount? BalanceAmount?
             PaymentPurposeCode?;
        cac: PaymentMeans? PaymentTerms* BuyerCustomerParty? SellerSupplierParty? OriginatorCustomerParty?
             AccountingCustomerParty? AccountingSupplierParty? PayeeParty? InvoicePeriod* BillingReference*
             DocumentReference* ExchangeRate? AllowanceCharge* CollectedPayment*;
    }
    Status {
        cbc: ConditionCode? ReferenceDate? ReferenceTime? Description* StatusReasonCode? StatusReason* SequenceID?
             Text* IndicationIndicator? Percent? ReliabilityPercent?;
        cac: Condition*;
    }
    StockAvailabilityReportLine {
        cbc: ID! Note* Quantity! ValueAmount? AvailabilityDate? AvailabilityStatusCode?;
        cac: Item!;
    }
    Stowage {
        cbc: LocationID? Location*;
        cac: MeasurementDimension*;
    }
    SubcontractTerms {
        cbc: Rate? UnknownPriceIndicator? Description* Amount? SubcontractingConditionsCode? MaximumPercent?
             MinimumPercent?;
    }
    SubscriberConsumption {
        cbc: ConsumptionID? SpecificationTypeCode? Note* TotalMeteredQuantity?;
        cac: SubscriberParty? UtilityConsumptionPoint! OnAccountPayment* Consumption? SupplierConsumption*;
    }
    SupplierConsumption {
        cbc: Description*;
        cac: UtilitySupplierParty? UtilityCustomerParty? Consumption! Contract? ConsumptionLine+;
    }
    SupplierParty {
        cbc: CustomerAssignedAccountID? AdditionalAccountID* DataSendingCapability?;
        cac: Party? DespatchContact? AccountingContact? SellerContact?;
    }
    TaxCategory {
        cbc: ID? Name? Percent? BaseUnitMeasure? PerUnitAmount? TaxExemptionReasonCode? TaxExemptionReason* TierRange?
             TierRatePercent?;
        cac: TaxScheme!;
    }
    TaxScheme {
        cbc: ID? Name? TaxTypeCode? CurrencyCode?;
        cac: JurisdictionRegionAddress*;
    }
    TaxSubtotal {
        cbc: TaxableAmount? TaxAmount! CalculationSequenceNumeric? TransactionCurrencyTaxAmount? Percent?
             BaseUnitMeasure? PerUnitAmount? TierRange? TierRatePercent?;
        cac: TaxCategory!;
    }
    TaxTotal {
        cbc: TaxAmount! RoundingAmount? TaxEvidenceIndicator? TaxIncludedIndicator?;
        cac: TaxSubtotal*;
    }
    TelecommunicationsService {
        cbc: ID? CallDate! CallTime! ServiceNumberCalled! TelecommunicationsServiceCategory?
             TelecommunicationsServiceCategoryCode? MovieTitle? RoamingPartnerName? PayPerView? Quantity?
             TelecommunicationsServiceCall? TelecommunicationsServiceCallCode? CallBaseAmount? CallExtensionAmount?;
        cac: Price? Country? ExchangeRate* AllowanceCharge* TaxTotal* CallDuty* TimeDuty*;
    }
    TelecommunicationsSupply {
        cbc: TelecommunicationsSupplyType? TelecommunicationsSupplyTypeCode? PrivacyCode! Description* TotalAmount?;
        cac: TelecommunicationsSupplyLine+;
    }
    TelecommunicationsSupplyLine {
        cbc: ID! PhoneNumber! Description* LineExtensionAmount?;
        cac: ExchangeRate* AllowanceCharge* TaxTotal* TelecommunicationsService+;
    }
    Temperature {
        cbc: AttributeID! Measure! Description*;
    }
    TenderLine {
        cbc: ID? Note* Quantity? LineExtensionAmount? TotalTaxAmount? OrderableUnit? ContentUnitQuantity?
             OrderQuantityIncrementNumeric? MinimumOrderQuantity? MaximumOrderQuantity? WarrantyInformation*
             PackLevelCode?;
        cac: DocumentReference* Item? OfferedItemLocationQuantity* ReplacementRelatedItem* WarrantyParty?
             WarrantyValidityPeriod? SubTenderLine* CallForTendersLineReference? CallForTendersDocumentReference?;
    }
    TenderPreparation {
        cbc: TenderEnvelopeID! TenderEnvelopeTypeCode? Description* OpenTenderID?;
        cac: ProcurementProjectLot* DocumentTenderRequirement*;
    }
    TenderRequirement {
        cbc: Name! Description*;
        cac: TemplateDocumentReference?;
    }
    TenderResult {
        cbc: TenderResultCode? Description* AdvertisementAmount? AwardDate! AwardTime? ReceivedTenderQuantity?
             LowerTenderAmount? HigherTenderAmount? StartDate? ReceivedElectronicTenderQuantity?
             ReceivedForeignTenderQuantity?;
        cac: Contract? AwardedTenderedProject? ContractFormalizationPeriod? SubcontractTerms* WinningParty*;
    }
    TenderedProject {
        cbc: VariantID? FeeAmount? FeeDescription* TenderEnvelopeID? TenderEnvelopeTypeCode?;
        cac: ProcurementProjectLot? EvidenceDocumentReference* TaxTotal* LegalMonetaryTotal? TenderLine*
             AwardingCriterionResponse*;
    }
    TendererPartyQualification {
        cac: InterestedProcurementProjectLot* MainQualifyingParty! AdditionalQualifyingParty*;
    }
    TendererQualificationRequest {
        cbc: CompanyLegalFormCode? CompanyLegalForm? PersonalSituation* OperatingYearsQuantity? EmployeeQuantity?
             Description*;
        cac: RequiredBusinessClassificationScheme* TechnicalEvaluationCriterion* FinancialEvaluationCriterion*
             SpecificTendererRequirement* EconomicOperatorRole*;
    }
    TendererRequirement {
        cbc: Name* TendererRequirementTypeCode? Description* LegalReference?;
        cac: SuggestedEvidence*;
    }
    TenderingProcess {
        cbc: ID? OriginalContractingSystemID? Description* NegotiationDescription* ProcedureCode? UrgencyCode?
             ExpenseCode? PartPresentationCode? ContractingSystemCode? SubmissionMethodCode?
             CandidateReductionConstraintIndicator? GovernmentAgreementConstraintIndicator?;
        cac: DocumentAvailabilityPeriod? TenderSubmissionDeadlinePeriod? InvitationSubmissionPeriod?
             ParticipationRequestReceptionPeriod? NoticeDocumentReference* AdditionalDocumentReference*
             ProcessJustification* EconomicOperatorShortList? OpenTenderEvent* AuctionTerms? FrameworkAgreement?;
    }
    TenderingTerms {
        cbc: AwardingMethodTypeCode? PriceEvaluationCode? MaximumVariantQuantity? VariantConstraintIndicator?
             AcceptedVariantsDescription* PriceRevisionFormulaDescription* FundingProgramCode? FundingProgram*
             MaximumAdvertisementAmount? Note* PaymentFrequencyCode? EconomicOperatorRegistryURI?
             RequiredCurriculaIndicator? OtherConditionsIndicator? AdditionalConditions* LatestSecurityClearanceDate?
             DocumentationFeeAmount?;
        cac: PenaltyClause* RequiredFinancialGuarantee* ProcurementLegislationDocumentReference?
             FiscalLegislationDocumentReference? EnvironmentalLegislationDocumentReference?
             EmploymentLegislationDocumentReference? ContractualDocumentReference* CallForTendersDocumentReference?
             WarrantyValidityPeriod? PaymentTerms* TendererQualificationRequest* AllowedSubcontractTerms*
             TenderPreparation* ContractExecutionRequirement* AwardingTerms? AdditionalInformationParty?
             DocumentProviderParty? TenderRecipientParty? ContractResponsibleParty? TenderEvaluationParty*
             TenderValidityPeriod? ContractAcceptancePeriod? AppealTerms? Language* BudgetAccountLine*
             ReplacedNoticeDocumentReference?;
    }
    TradeFinancing {
        cbc: ID? FinancingInstrumentCode?;
        cac: ContractDocumentReference? DocumentReference* FinancingParty! FinancingFinancialAccount? Clause*;
    }
    TradingTerms {
        cbc: Information* Reference?;
        cac: ApplicableAddress?;
    }
    TransactionConditions {
        cbc: ID? ActionCode? Description*;
        cac: DocumentReference*;
    }
    TransportEquipment {
        cbc: ID? ReferencedConsignmentID* TransportEquipmentTypeCode? ProviderTypeCode? OwnerTypeCode? SizeTypeCode?
             DispositionCode? FullnessIndicationCode? RefrigerationOnIndicator? Information* ReturnabilityIndicator?
             LegalStatusIndicator? AirFlowPercent? HumidityPercent? AnimalFoodApprovedIndicator?
             HumanFoodApprovedIndicator? DangerousGoodsApprovedIndicator? RefrigeratedIndicator? Characteristics?
             DamageRemarks* Description* SpecialTransportRequirements* GrossWeightMeasure? GrossVolumeMeasure?
             TareWeightMeasure? TrackingDeviceCode? PowerIndicator? TraceID?;
        cac: MeasurementDimension* TransportEquipmentSeal* MinimumTemperature? MaximumTemperature? ProviderParty?
             LoadingProofParty? SupplierParty? OwnerParty? OperatingParty? LoadingLocation? UnloadingLocation?
             StorageLocation? PositioningTransportEvent* QuarantineTransportEvent* DeliveryTransportEvent*
             PickupTransportEvent* HandlingTransportEvent* LoadingTransportEvent* TransportEvent*
             ApplicableTransportMeans? HaulageTradingTerms* HazardousGoodsTransit* PackagedTransportHandlingUnit*
             ServiceAllowanceCharge* FreightAllowanceCharge* AttachedTransportEquipment* Delivery? Pickup? Despatch?
             ShipmentDocumentReference* ContainedInTransportEquipment* Package* GoodsItem*;
    }
    TransportEquipmentSeal {
        cbc: ID! SealIssuerTypeCode? Condition? SealStatusCode? SealingPartyType?;
    }
    TransportEvent {
        cbc: IdentificationID? OccurrenceDate? OccurrenceTime? TransportEventTypeCode? Description*
             CompletionIndicator?;
        cac: ReportedShipment? CurrentStatus* Contact* Location? Signature? Period*;
    }
    TransportExecutionTerms {
        cbc: TransportUserSpecialTerms* TransportServiceProviderSpecialTerms* ChangeConditions*;
        cac: PaymentTerms* DeliveryTerms* BonusPaymentTerms? CommissionPaymentTerms? PenaltyPaymentTerms?
             EnvironmentalEmission* NotificationRequirement* ServiceChargePaymentTerms?;
    }
    TransportHandlingUnit {
        cbc: ID? TransportHandlingUnitTypeCode? HandlingCode? HandlingInstructions* HazardousRiskIndicator?
             TotalGoodsItemQuantity? TotalPackageQuantity? DamageRemarks* ShippingMarks* TraceID?;
        cac: HandlingUnitDespatchLine* ActualPackage* ReceivedHandlingUnitReceiptLine* TransportEquipment*
             TransportMeans* HazardousGoodsTransit* MeasurementDimension* MinimumTemperature? MaximumTemperature?
             GoodsItem* FloorSpaceMeasurementDimension? PalletSpaceMeasurementDimension? ShipmentDocumentReference*
             Status* CustomsDeclaration* ReferencedShipment* Package*;
    }
    TransportMeans {
        cbc: JourneyID? RegistrationNationalityID? RegistrationNationality* DirectionCode? TransportMeansTypeCode?
             TradeServiceCode?;
        cac: Stowage? AirTransport? RoadTransport? RailTransport? MaritimeTransport? OwnerParty?
             MeasurementDimension*;
    }
    TransportSchedule {
        cbc: SequenceNumeric! ReferenceDate? ReferenceTime? ReliabilityPercent? Remarks*;
        cac: StatusLocation! ActualArrivalTransportEvent? ActualDepartureTransportEvent?
             EstimatedDepartureTransportEvent? EstimatedArrivalTransportEvent? PlannedDepartureTransportEvent?
             PlannedArrivalTransportEvent?;
    }
    TransportationSegment {
        cbc: SequenceNumeric! TransportExecutionPlanReferenceID?;
        cac: TransportationService! TransportServiceProviderParty! ReferencedConsignment? ShipmentStage*;
    }
    TransportationService {
        cbc: TransportServiceCode! TariffClassCode? Priority? FreightRateClassCode? TransportationServiceDescription*
             TransportationServiceDetailsURI? NominationDate? NominationTime? Name? SequenceNumeric?;
        cac: TransportEquipment* SupportedTransportEquipment* UnsupportedTransportEquipment* CommodityClassification*
             SupportedCommodityClassification* UnsupportedCommodityClassification* TotalCapacityDimension?
             ShipmentStage* TransportEvent* ResponsibleTransportServiceProviderParty? EnvironmentalEmission*
             EstimatedDurationPeriod? ScheduledServiceFrequency*;
    }
    UnstructuredPrice {
        cbc: PriceAmount? TimeAmount?;
    }
    UtilityItem {
        cbc: ID! SubscriberID? SubscriberType? SubscriberTypeCode? Description* PackQuantity? PackSizeNumeric?
             ConsumptionType? ConsumptionTypeCode? CurrentChargeType? CurrentChargeTypeCode? OneTimeChargeType?
             OneTimeChargeTypeCode?;
        cac: TaxCategory? Contract?;
    }
    WebSiteAccess {
        cbc: URI? Password! Login!;
    }
    WinningParty {
        cbc: Rank?;
        cac: Party!;
    }
    WorkPhaseReference {
        cbc: ID? WorkPhaseCode? WorkPhase* ProgressPercent? StartDate? EndDate?;
        cac: WorkOrderDocumentReference*;
    }
}
